// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  return draw_two(in, candidates, Reason::weighted);
}

}  // namespace

const StrategyType weighted_strategy = {
    .name = "weighted",
    .summary = "Drawn in proportion to the regions' weights; weight 0 is never drawn.",
    .pick = pick,
};

}  // namespace rhumb::decision
