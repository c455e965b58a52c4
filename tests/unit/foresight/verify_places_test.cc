// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_places.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "geo/centroids.h"

namespace rhumb::foresight {
namespace {

const geo::Country kGermany = geo::Country::of("DE"), kRussia = geo::Country::of("RU");

bool holds_place(const Places& places, double north, double east) {
  return std::any_of(places.at.begin(), places.at.end(), [&](const geo::Facts& f) {
    return f.has_point && f.accuracy_km == 0 && std::abs(f.point.latitude - north) <= 1 &&
           std::abs(f.point.longitude - east) <= 1;
  });
}

TEST(VerifyPlaces, GiveANamedCountryPlacesOfItsOwn) {
  const auto all = places_of({kGermany}, true);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].country, kGermany);
  for (const geo::Facts& facts : all[0].at) EXPECT_EQ(facts.country, kGermany);
  EXPECT_TRUE(holds_place(all[0], 52.5, 13.4));
  EXPECT_TRUE(holds_place(all[0], 48.1, 11.6));
  EXPECT_FALSE(holds_place(all[0], 40.4, -3.7));
}

TEST(VerifyPlaces, ReachTheEndsOfLargeCountries) {
  const auto all = places_of({kRussia}, true);
  EXPECT_TRUE(holds_place(all[0], 43.1, 131.9)) << "Vladivostok";
  EXPECT_TRUE(holds_place(all[0], 66, -170)) << "over the date line";
  EXPECT_FALSE(holds_place(all[0], 37.6, 127)) << "Seoul";
}

TEST(VerifyPlaces, AreTheWholeWorldForEverybodyElse) {
  const auto all = places_of({kGermany}, true);
  const Places& others = all.back();
  EXPECT_FALSE(others.country.known());
  EXPECT_GE(others.at.size(), 16'200u);
  EXPECT_TRUE(holds_place(others, 52.5, 13.4)) << "a client in Germany of whose country nothing is known";
  EXPECT_TRUE(holds_place(others, -89, 179));
  EXPECT_EQ(std::count_if(others.at.begin(), others.at.end(), [](const auto& f) { return f.country == kGermany; }), 0);
  EXPECT_EQ(std::count_if(others.at.begin(), others.at.end(), [](const auto& f) { return !f.has_point; }), 1);
}

TEST(VerifyPlaces, KnowClientsWhoseCountryAloneIsKnown) {
  const Places germany = places_of({kGermany}, false)[0];
  ASSERT_EQ(germany.at.size(), 3u);
  EXPECT_EQ(germany.at[1].accuracy_km, geo::kCentroidAccuracyKm);
  EXPECT_FALSE(germany.at[2].has_point);
}

TEST(VerifyPlaces, PutTheMiddleOfACountryWhereItsPeopleLive) {
  const geo::Facts middle = middle_of(kGermany);
  EXPECT_TRUE(middle.has_point);
  EXPECT_EQ(std::string(middle.continent.begin(), middle.continent.end()), "EU");
  EXPECT_FALSE(middle_of(geo::Country::of("ZZ")).has_point);
}

}  // namespace
}  // namespace rhumb::foresight
