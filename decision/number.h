// SPDX-License-Identifier: Apache-2.0
// Terms of the operator's own: numbers that the file gives its regions, or that regions announce in their responses,
// each with a name, a unit and a scale. They come after the built-in terms, a slot each. Pure functions; any thread.
#pragma once
#include <array>
#include <string>

#include "decision/term.h"

namespace rhumb::decision {

enum class Normaliser : uint8_t { half, max, kCount };

struct NumberTerm {
  std::string name, unit;
  Normaliser normaliser = Normaliser::half;
  double scale = 1;  // above zero: the number at which the value is one half, or at which the scale ends
  bool lower_wins = true;
};

/// Between 0 and 1; kNeutral when the number is not known. Below zero counts as zero.
double normalised(const NumberTerm& term, double number) noexcept;
/// The number with this value; unknown when none has it.
double number_of(const NumberTerm& term, double value) noexcept;

/// By slot, to be read with a policy that has so many. Names and units stand in the policy: see label_of().
extern const std::array<TermType, kNumbers> number_terms;

}  // namespace rhumb::decision
