// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  Pick pick = draw_two(in, candidates, Reason::weighted);
  const CandidateSet others = candidates.narrowed([&](RegionIndex r) { return r != pick.winner; });
  if (pick.runner_up == kNoRegion && !others.empty()) pick.runner_up = draw_two(in, others, Reason::weighted).winner;
  return pick;
}

}  // namespace

const StrategyType weighted_strategy = {
    .name = "weighted",
    .summary = "Drawn in proportion to the regions' weights; weight 0 is not drawn unless all have it.",
    .pick = pick,
    .drawn = true,
};

}  // namespace rhumb::decision
