// SPDX-License-Identifier: Apache-2.0
#include "geo/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "decision/term.h"

namespace rhumb::decision {
namespace {

constexpr double kFarthestKm = std::numbers::pi * geo::kEarthRadiusKm;
/// With a radius like this, half of what the distance says is believed.
constexpr double kHalfTrustKm = 1000;

double trust(const RequestFacts& facts) noexcept { return 1 / (1 + facts.where.accuracy_km / kHalfTrustKm); }

double raw(const TermInput& in) noexcept {
  if (!in.facts.where.has_point || !in.region.has_point) return kUnknown;
  return geo::distance_km(in.facts.where.point, in.region.at);
}

double value(const TermInput& in) noexcept {
  const double km = raw(in);
  if (!std::isfinite(km)) return kNeutral;
  const double plain = std::clamp(1 - km / kFarthestKm, 0.0, 1.0);
  return kNeutral + (plain - kNeutral) * trust(in.facts);
}

double raw_for(const TermInput& in, double value) noexcept {
  if (!std::isfinite(raw(in))) return kUnknown;
  const double plain = kNeutral + (value - kNeutral) / trust(in.facts);
  return plain >= 0 && plain <= 1 ? (1 - plain) * kFarthestKm : kUnknown;
}

/// Moves the region along its meridian through the client's: north or south of the client by the wanted arc.
void assume(Region& region, RegionState&, const RequestFacts& facts, double km) noexcept {
  const geo::Point from = facts.where.point;
  const double arc = km / kFarthestKm * 180;
  double latitude = from.latitude + (from.latitude > 0 ? -arc : arc);
  double longitude = from.longitude;
  if (std::abs(latitude) > 90) {  // over the pole and down the other side
    latitude = std::copysign(180 - std::abs(latitude), latitude);
    longitude += longitude > 0 ? -180 : 180;
  }
  region.at = {latitude, longitude};
  region.has_point = true;
}

}  // namespace

const TermType distance_term = {
    .name = "distance",
    .unit = "km",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
    .lower_wins = true,
};

}  // namespace rhumb::decision
