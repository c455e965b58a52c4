// SPDX-License-Identifier: Apache-2.0
// A scorer term: one number in [0, 1] (bias: [-1, 1]) for one region, higher is better. One file each in terms/, one
// line each in terms/list.def. Pure functions.
#pragma once
#include <span>
#include <string_view>

#include "decision/facts.h"
#include "decision/region.h"

namespace rhumb::decision {

struct TermInput {
  const Region& region;
  const RegionState& state;
  const RequestFacts& facts;
  double max_weight;  // the largest weight of all configured regions
};

struct TermType {
  std::string_view name, unit, summary;
  /// The raw quantity in `unit` (km, ms, ...), for people; NaN when unknown.
  double (*raw)(const TermInput&) noexcept;
  double (*value)(const TermInput&) noexcept;
  double default_weight;
  /// Raw quantity that would give this value (inverse of value for this input); NaN if none does. For explain.
  double (*raw_for)(const TermInput&, double value) noexcept;
  /// Changes the region or its state so that raw() becomes (about) this. For explain, which decides again with it.
  void (*assume)(Region&, RegionState&, const RequestFacts&, double raw) noexcept;
  bool lower_wins = false;  // a lower raw quantity has the higher value
};

enum class TermIndex : uint8_t {
#define RHUMB_TERM(name) name,
#include "decision/terms/list.def"
#undef RHUMB_TERM
  kCount
};
inline constexpr size_t kTerms = static_cast<size_t>(TermIndex::kCount);
std::span<const TermType* const> terms() noexcept;                            // by TermIndex
const TermType* find_term(std::string_view name, TermIndex& index) noexcept;  // nullptr: unknown, index untouched

/// What a term says when it knows nothing: neither for nor against a region.
inline constexpr double kNeutral = 0.5;

// terms/NAME.cc defines NAME_term.
#define RHUMB_TERM(name) extern const TermType name##_term;
#include "decision/terms/list.def"
#undef RHUMB_TERM

}  // namespace rhumb::decision
