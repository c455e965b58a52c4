// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

CandidateSet first_tier(const Regions& regions, const CandidateSet& candidates) noexcept {
  int32_t lowest = std::numeric_limits<int32_t>::max();
  candidates.for_each([&](RegionIndex r) { lowest = std::min(lowest, regions[r].priority); });
  return candidates.narrowed([&](RegionIndex r) { return regions[r].priority == lowest; });
}

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  const Regions& regions = *in.policy.regions;
  const CandidateSet weighty = candidates.narrowed([&](RegionIndex r) { return has_weight(regions[r]); });
  Pick pick = draw_two(in, first_tier(regions, weighty), Reason::priority);
  if (pick.winner == kNoRegion || pick.runner_up != kNoRegion) return pick;
  const CandidateSet others = weighty.narrowed([&](RegionIndex r) { return r != pick.winner; });
  pick.runner_up = draw_two(in, first_tier(regions, others), Reason::priority).winner;
  return pick;
}

}  // namespace

const StrategyType priority_strategy = {
    .name = "priority",
    .summary = "The lowest priority number that has a candidate; inside it, drawn by weight.",
    .pick = pick,
};

}  // namespace rhumb::decision
