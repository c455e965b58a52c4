// SPDX-License-Identifier: Apache-2.0
// A scorer term: one number in [0, 1] (bias: [-1, 1]) for one region, higher is better. One file each in terms/, one
// line each in config/terms.def, which also has what each weighs by default. Pure functions.
#pragma once
#include <array>
#include <span>
#include <string_view>

#include "decision/facts.h"
#include "decision/region.h"

namespace rhumb::decision {

struct Policy;

struct TermInput {
  const Region& region;
  const RegionState& state;
  const RequestFacts& facts;
  const Policy& policy;
};

struct TermType {
  std::string_view name, unit;
  /// The raw quantity in `unit` (km, ms, ...), for people; NaN when unknown.
  double (*raw)(const TermInput&) noexcept;
  double (*value)(const TermInput&) noexcept;
  /// Raw quantity that would give this value (inverse of value for this input); NaN if none does. For explain.
  double (*raw_for)(const TermInput&, double value) noexcept;
  /// Changes the region or its state so that raw() becomes (about) this. For explain, which decides again with it.
  void (*assume)(Region&, RegionState&, const RequestFacts&, double raw) noexcept;
  bool lower_wins = false;  // a lower raw quantity has the higher value
};

enum class TermIndex : uint8_t {
#define RHUMB_TERM(name, weight, counts, what) name,
#include "config/terms.def"
#undef RHUMB_TERM
  kCount  // the operator's own follow: see number.h
};
inline constexpr size_t kBuiltInTerms = static_cast<size_t>(TermIndex::kCount);
inline constexpr size_t kTerms = kBuiltInTerms + kNumbers;
static_assert(kTerms <= 12, "recordings have room for so many in a row");
inline constexpr std::array<double, kTerms> kDefaultWeights = {
#define RHUMB_TERM(name, weight, counts, what) weight,
#include "config/terms.def"
#undef RHUMB_TERM
};
std::span<const TermType* const> terms() noexcept;  // by TermIndex, then the slots of the operator's own

/// How many of terms() a policy has: the built-in ones and the operator's.
size_t term_count(const Policy& policy) noexcept;
/// The index of the term that has this name there; kTerms: none.
size_t find_term(const Policy& policy, std::string_view name) noexcept;

/// What people are told of a term; views the policy.
struct TermLabel {
  std::string_view name, unit;
  bool lower_wins;
};
TermLabel label_of(const Policy& policy, size_t term) noexcept;

/// What a term says when it knows nothing: neither for nor against a region.
inline constexpr double kNeutral = 0.5;

// terms/NAME.cc defines NAME_term.
#define RHUMB_TERM(name, weight, counts, what) extern const TermType name##_term;
#include "config/terms.def"
#undef RHUMB_TERM

}  // namespace rhumb::decision
