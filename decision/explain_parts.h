// SPDX-License-Identifier: Apache-2.0
// What the text and the JSON of explain share. Allocates; any thread.
#pragma once
#include <string>
#include <string_view>

#include "decision/explain.h"

namespace rhumb::decision {

std::string_view region_name(const ExplainInput& in, RegionIndex region) noexcept;  // empty: none
double raw_of(const ExplainInput& in, size_t term, RegionIndex region) noexcept;    // NaN: not known
/// The weight that counted: zero for latency when every candidate was slow.
double weight_of(const ExplainInput& in, size_t term) noexcept;
/// Score of the winner over the runner-up's; both must stand. Below zero when something else than the score decided.
double margin(const Decision& decision) noexcept;

/// "6168 km", "84.2 ms", "?".
std::string quantity(const TermLabel& term, double raw);
/// The same without rounding to what people want to read.
std::string exact_quantity(const TermLabel& term, double raw);
/// Control characters out: what comes from a database goes to a terminal.
std::string printable(std::string_view text);

/// What an operator has set for the region, and what was wrong when it was last checked; empty: nothing.
std::string_view note_of(const ExplainInput& in, RegionIndex region) noexcept;

/// One line each for people.
std::string_view meaning(Reason reason) noexcept;
/// What would have to be otherwise where no term decided; empty when there is nothing to say.
std::string_view what_else(Reason reason) noexcept;

}  // namespace rhumb::decision
