// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  const auto rtt = [&](RegionIndex r) { return in.states.of[r].rtt.count(); };
  const auto drawn = [&](RegionIndex r) { return drawn_key(in.draw, DrawUse::explored_region, r, 1); };
  // All slow means that the measurements tell nothing worth following: the fastest of them would get everything.
  if (in.ignore_latency) {
    return best_two(candidates, Reason::fastest,
                    [&](RegionIndex r) { return double{in.rows[r].values[static_cast<size_t>(TermIndex::distance)]}; });
  }
  const Pick fastest = best_two(candidates, Reason::fastest, [&](RegionIndex r) {
    return rtt(r) > 0 ? -static_cast<double>(rtt(r)) : -std::numeric_limits<double>::infinity();
  });
  if (!in.explore) return fastest;
  const CandidateSet unmeasured = candidates.narrowed([&](RegionIndex r) { return rtt(r) <= 0; });
  const bool astray = unit_draw(in.draw, DrawUse::explore) < in.policy.exploration;
  if (unmeasured.empty() && !astray) return fastest;
  const Pick explored = best_two(unmeasured.empty() ? candidates : unmeasured, Reason::exploration, drawn);
  if (explored.winner == fastest.winner && rtt(fastest.winner) > 0) return fastest;
  return {explored.winner, explored.winner == fastest.winner ? fastest.runner_up : fastest.winner, Reason::exploration};
}

}  // namespace

const StrategyType latency_strategy = {
    .name = "latency",
    .summary = "The lowest measured round trip; regions without a measurement come first, to get one.",
    .pick = pick,
};

}  // namespace rhumb::decision
