// SPDX-License-Identifier: Apache-2.0
#include "decision/detour.h"

#include <algorithm>

#include "geo/distance.h"

namespace rhumb::decision {

// The rows know already who is nearest (their distance values are in that order), so that at most two distances are
// worked out, and for most requests none.
double detour_km(const Decision& decision, const Regions& regions, const RequestFacts& facts) noexcept {
  if (decision.winner == kNoRegion || !facts.where.has_point || !regions[decision.winner].has_point) return -1;
  RegionIndex nearest = decision.winner;
  float best = -1;
  for (const Candidate& row : decision.candidates) {
    const float value = row.values[static_cast<size_t>(TermIndex::distance)];
    if (!regions[row.region].has_point || value < best) continue;
    if (value > best || row.region == decision.winner) nearest = row.region;
    best = value;
  }
  if (nearest == decision.winner) return 0;
  const auto km = [&](RegionIndex index) { return geo::distance_km(facts.where.point, regions[index].at); };
  return std::max(km(decision.winner) - km(nearest), 0.0);
}

}  // namespace rhumb::decision
