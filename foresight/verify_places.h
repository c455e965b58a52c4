// SPDX-License-Identifier: Apache-2.0
// Where clients may be, for proofs: a grid of two degrees over the whole world, the middle of every country, and places
// of which nothing, or the country alone, is known. Made once; values; any thread.
#pragma once
#include <vector>

#include "geo/facts.h"

namespace rhumb::foresight {

/// The places of one country that rules can tell from others, or of all other countries and of none.
struct Places {
  geo::Country country;  // not known: all others
  std::vector<geo::Facts> at;
};

/// For each country of `named`, in that order, the places where its clients may be: more than it has, because no
/// border is known here. Then all of the world for everybody else. Where nobody measures distance, `everywhere` false
/// leaves the grid out.
std::vector<Places> places_of(const std::vector<geo::Country>& named, bool everywhere);

/// The middle of where a country's people live, as of a client that is known to be there.
geo::Facts middle_of(geo::Country country);

}  // namespace rhumb::foresight
