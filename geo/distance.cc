// SPDX-License-Identifier: Apache-2.0
#include "geo/distance.h"

#include <algorithm>
#include <cmath>

namespace rhumb::geo {

double distance_km(const Point& a, const Point& b) noexcept {
  constexpr double kRadians = 3.14159265358979323846 / 180.0;
  const double sin_lat = std::sin((b.latitude - a.latitude) * kRadians / 2);
  const double sin_lon = std::sin((b.longitude - a.longitude) * kRadians / 2);
  const double h =
      sin_lat * sin_lat + std::cos(a.latitude * kRadians) * std::cos(b.latitude * kRadians) * sin_lon * sin_lon;
  // Rounding can lift h a hair above 1 for antipodes.
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

base::Micros fibre_round_trip(double km) noexcept {
  return base::Micros(static_cast<int64_t>(std::max(0.0, km) * 2000.0 / kFibreKmPerMilli));
}

}  // namespace rhumb::geo
