// SPDX-License-Identifier: Apache-2.0
// Where clients may come from, and how many: what a map, a plan or a proof without recorded traffic stands on. Made
// once for a set of databases, which takes about a second for those of cities; values; any thread.
#pragma once
#include <vector>

#include "geo/facts.h"
#include "geo/locator.h"

namespace rhumb::foresight {

struct Place {
  geo::Point at;
  geo::Country country;  // may be unknown
  double weight = 0;     // IPv4 addresses, and /48s of IPv6; without a database, 1 each
};

/// Networks of one country within one degree of latitude and longitude are one place, at their middle. Networks count
/// by the first database that knows them. Without a database, or when it knows nothing: the centroid of each country.
/// In the order of country, latitude, longitude.
std::vector<Place> population(const geo::Locator* locator);

}  // namespace rhumb::foresight
