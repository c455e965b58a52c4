// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  // A region without a location is nobody's nearest, though its distance term is neutral.
  return best_two(candidates, Reason::nearest, [&](RegionIndex r) {
    return (*in.policy.regions)[r].has_point ? double{in.rows[r].values[static_cast<size_t>(TermIndex::distance)]}
                                             : -1.0;
  });
}

}  // namespace

const StrategyType geographic_strategy = {
    .name = "geographic",
    .summary = "The nearest region.",
    .pick = pick,
    .geographic = true,
};

}  // namespace rhumb::decision
