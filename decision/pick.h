// SPDX-License-Identifier: Apache-2.0
// What the strategies share: the best two by a number, and a draw by weight. Ties go to the lower index, so equal
// inputs pick equally on every machine. Pure.
#pragma once
#include <limits>

#include "base/random.h"
#include "decision/decide.h"

namespace rhumb::decision {

/// Independent draws out of one: each use has a salt of its own.
enum class Salt : uint64_t { dial = 1, weighted, explore, explore_pick, priority };
inline uint64_t sub_draw(uint64_t draw, Salt salt) noexcept {
  return base::mix64(draw ^ base::mix64(static_cast<uint64_t>(salt)));
}

/// Highest and second highest `value(region)`; NaN counts as lowest.
template <class Value>
Pick best_two(const CandidateSet& candidates, Reason reason, Value value) noexcept {
  Pick pick{kNoRegion, kNoRegion, reason};
  double best = 0, second = 0;
  candidates.for_each([&](RegionIndex r) {
    double v = value(r);
    if (!(v == v)) v = -std::numeric_limits<double>::infinity();
    if (pick.winner == kNoRegion || v > best) {
      pick.runner_up = pick.winner, second = best;
      pick.winner = r, best = v;
    } else if (pick.runner_up == kNoRegion || v > second) {
      pick.runner_up = r, second = v;
    }
  });
  return pick;
}

/// In proportion to weight; all zero: evenly. The runner-up is the heaviest of the others.
inline Pick by_weight(const PickInput& in, const CandidateSet& candidates, uint64_t draw, Reason reason) noexcept {
  const Regions& regions = *in.policy.regions;
  auto weight = [&](RegionIndex r) { return regions[r].weight > 0 ? regions[r].weight : 0.0; };
  double total = 0;
  candidates.for_each([&](RegionIndex r) { total += weight(r); });
  double at = base::unit_interval(draw) * (total > 0 ? total : static_cast<double>(candidates.size()));
  RegionIndex winner = kNoRegion;
  candidates.for_each([&](RegionIndex r) {
    const double share = total > 0 ? weight(r) : 1.0;
    if (share > 0 && (winner == kNoRegion || at >= 0)) winner = r;
    at -= share;
  });
  const Pick others = best_two(candidates.narrowed([&](RegionIndex r) { return r != winner; }), reason, weight);
  return {winner, others.winner, reason};
}

}  // namespace rhumb::decision
