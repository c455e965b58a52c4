// SPDX-License-Identifier: Apache-2.0
// Distances on the earth, and what light allows. Pure; any thread.
#pragma once
#include "base/clock.h"
#include "geo/facts.h"

namespace rhumb::geo {

/// Mean radius of the earth, IUGG R1.
constexpr double kEarthRadiusKm = 6371.0088;
/// Light in glass (refractive index about 1.5).
constexpr double kFibreKmPerMilli = 200.0;

/// Great-circle distance in kilometres, from the chord between the two: 0 to 20015.1, good to 0.5 % (the earth is no
/// sphere).
double distance_km(const Site& a, const Site& b) noexcept;

/// No round trip over this distance can be shorter. A shorter measurement means that the location is wrong.
base::Micros fibre_round_trip(double km) noexcept;

}  // namespace rhumb::geo
