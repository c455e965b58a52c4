// SPDX-License-Identifier: Apache-2.0
#include "geo/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rhumb::geo {

Site::Site(double north, double east) noexcept : Point{north, east} {
  constexpr double kRadians = std::numbers::pi / 180;
  const double ring = std::cos(north * kRadians);
  x = ring * std::cos(east * kRadians);
  y = ring * std::sin(east * kRadians);
  z = std::sin(north * kRadians);
}

double distance_km(const Site& a, const Site& b) noexcept {
  const double x = a.x - b.x, y = a.y - b.y, z = a.z - b.z;
  const double half_chord = std::sqrt(x * x + y * y + z * z) / 2;
  // Rounding can lift it a hair above 1 for antipodes.
  return 2 * kEarthRadiusKm * std::asin(std::min(1.0, half_chord));
}

base::Micros fibre_round_trip(double km) noexcept {
  return base::Micros(static_cast<int64_t>(std::max(0.0, km) * 2000.0 / kFibreKmPerMilli));
}

}  // namespace rhumb::geo
