// SPDX-License-Identifier: Apache-2.0
// The world's countries (ISO 3166-1 and XK): continent, English name, and a point about where its people live, for data
// that knows the country only. Constant; any thread.
#pragma once
#include <span>
#include <string_view>

#include "geo/facts.h"

namespace rhumb::geo {

struct CountryInfo {
  std::string_view code;       // "DE"
  std::string_view continent;  // AF AN AS EU NA OC SA
  Point centroid;              // good to a degree or two of the middle of the population
  std::string_view name;       // English short name
};

/// Radius that an answer made from a centroid carries.
constexpr uint16_t kCentroidAccuracyKm = 1000;

/// nullptr when the code is not one of a country.
const CountryInfo* country_info(Country country) noexcept;
std::span<const CountryInfo> all_countries() noexcept;  // sorted by code

}  // namespace rhumb::geo
