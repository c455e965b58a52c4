// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

constexpr size_t kLatency = static_cast<size_t>(TermIndex::latency);

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  const Pick best = best_two(candidates, Reason::best_score, [&](RegionIndex r) { return double{in.rows[r].score}; });
  if (!in.explore || in.ignore_latency || !(unit_draw(in.draw, DrawUse::explore) < in.policy.exploration)) return best;
  const double weight = in.policy.weights[kLatency];
  const Pick astray = best_two(candidates, Reason::exploration, [&](RegionIndex r) {
    return in.rows[r].score - weight * double{in.rows[r].values[kLatency]};
  });
  if (astray.winner == best.winner) return best;
  return {astray.winner, best.winner, Reason::exploration};
}

}  // namespace

const StrategyType score_strategy = {
    .name = "score",
    .summary = "The highest sum of weighted terms.",
    .pick = pick,
    .geographic = true,
};

}  // namespace rhumb::decision
