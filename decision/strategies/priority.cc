// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

CandidateSet first_tier(const Regions& regions, const CandidateSet& candidates) noexcept {
  const CandidateSet able = weighty(regions, candidates);
  int32_t lowest = std::numeric_limits<int32_t>::max();
  able.for_each([&](RegionIndex r) { lowest = std::min(lowest, regions[r].priority); });
  return able.narrowed([&](RegionIndex r) { return regions[r].priority == lowest; });
}

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  const Regions& regions = *in.policy.regions;
  Pick pick = draw_two(in, first_tier(regions, candidates), Reason::priority);
  const CandidateSet others = candidates.narrowed([&](RegionIndex r) { return r != pick.winner; });
  if (pick.runner_up == kNoRegion && !others.empty())
    pick.runner_up = draw_two(in, first_tier(regions, others), Reason::priority).winner;
  return pick;
}

}  // namespace

const StrategyType priority_strategy = {
    .name = "priority",
    .summary = "The lowest priority number that has a candidate; inside it, drawn by weight.",
    .pick = pick,
    .drawn = true,
};

}  // namespace rhumb::decision
