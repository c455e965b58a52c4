// SPDX-License-Identifier: Apache-2.0
#include "decision/affinity.h"

#include <array>

#include "base/check.h"

namespace rhumb::decision {

std::string_view name(Affinity affinity) noexcept {
  static constexpr std::array<std::string_view, static_cast<size_t>(Affinity::kCount)> kNames = {
      "none",          "kept",      "expired",  "forged", "key_unknown", "region_gone",
      "endpoint_gone", "unhealthy", "draining", "fenced", "tried"};
  static_assert(!kNames.back().empty());
  RHUMB_ASSERT(affinity < Affinity::kCount);
  return kNames[static_cast<size_t>(affinity)];
}

Affinity judge(const RequestFacts& facts, const Regions& regions, const RegionStates& states,
               const CandidateSet& fenced, const CandidateSet& routed, bool panic) noexcept {
  const Preference& wish = facts.preference;
  if (wish.verdict != Affinity::kept) return wish.verdict;
  if (wish.region >= regions.size()) return Affinity::region_gone;
  if (!fenced.contains(wish.region)) return Affinity::fenced;
  if (!routed.contains(wish.region)) return Affinity::region_gone;
  if ((facts.tried >> wish.region & 1) != 0) return Affinity::tried;
  if (!usable(states.of[wish.region], panic)) return Affinity::unhealthy;
  return Affinity::kept;
}

}  // namespace rhumb::decision
