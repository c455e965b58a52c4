// SPDX-License-Identifier: Apache-2.0
// What the strategies share: the two best of the candidates, and draws in proportion to weight. Pure; any thread.
#pragma once
#include <cmath>
#include <limits>

#include "decision/decide.h"
#include "decision/draw.h"
#include "decision/strategy.h"

namespace rhumb::decision {

/// The two regions with the highest keys. Equal keys: the lower index. A key that is no number is lower than all
/// others.
template <class Key>
Pick best_two(const CandidateSet& candidates, Reason reason, Key&& key) noexcept {
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  Pick pick{.reason = reason};
  double best = kLowest, second = kLowest;
  candidates.for_each([&](RegionIndex r) {
    double k = key(r);
    if (std::isnan(k)) k = kLowest;
    if (pick.winner == kNoRegion || k > best) {
      pick.runner_up = pick.winner, second = best;
      pick.winner = r, best = k;
    } else if (pick.runner_up == kNoRegion || k > second) {
      pick.runner_up = r, second = k;
    }
  });
  return pick;
}

/// A key whose highest wins with the chance of its weight's share (Efraimidis and Spirakis, 2006). Each region has its
/// own number, so one that goes away leaves the choices among the others as they were.
inline double drawn_key(uint64_t draw, DrawUse use, RegionIndex region, double weight) noexcept {
  constexpr double kNeverZero = 0x1.0p-54;
  return std::log(unit_draw(draw, use, region) + kNeverZero) / weight;
}

inline bool has_weight(const Region& region) noexcept { return region.weight > 0 && std::isfinite(region.weight); }

/// Those with a weight above zero; all of them when none has one, because somebody must serve.
inline CandidateSet weighty(const Regions& regions, const CandidateSet& candidates) noexcept {
  const CandidateSet some = candidates.narrowed([&](RegionIndex r) { return has_weight(regions[r]); });
  return some.empty() ? candidates : some;
}

/// Two of the candidates, drawn by weight; evenly when none has one.
inline Pick draw_two(const PickInput& in, const CandidateSet& candidates, Reason reason) noexcept {
  const Regions& regions = *in.policy.regions;
  return best_two(weighty(regions, candidates), reason, [&](RegionIndex r) {
    return drawn_key(in.draw, DrawUse::weighted, r, has_weight(regions[r]) ? regions[r].weight : 1);
  });
}

}  // namespace rhumb::decision
