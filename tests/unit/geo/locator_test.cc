// SPDX-License-Identifier: Apache-2.0
#include "geo/locator.h"

#include <gtest/gtest.h>

#include "geo/centroids.h"
#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::Block;
using testing::country;
using testing::database;
using testing::database_bytes;
using testing::ip;
using testing::place;
using testing::TemporaryFiles;

template <class... Databases>
Locator locator(Databases... databases) {
  std::vector<Database> list;
  (list.push_back(std::move(databases)), ...);
  return Locator(std::move(list));
}

constexpr Point kBerlin{52.5, 13.4}, kMunich{48.1, 11.6};

TEST(Locator, WithoutDatabasesKnowsNothing) {
  const Facts facts = locator().locate(ip("10.0.0.1"));
  EXPECT_EQ(facts.source, Source::none);
  EXPECT_FALSE(facts.has_point);
}

TEST(Locator, TheFirstDatabaseThatKnowsTheAddressWins) {
  const Locator both =
      locator(database({{"10.0.0.0/8", place("DE", 52.5, 13.4)}}),
              database({{"10.0.0.0/8", place("FR", 48.9, 2.4)}, {"11.0.0.0/8", place("US", 40.7, -74)}}));
  EXPECT_EQ(both.locate(ip("10.0.0.1")).country.view(), "DE");
  EXPECT_EQ(both.locate(ip("10.0.0.1")).database, 0);
  EXPECT_EQ(both.locate(ip("11.0.0.1")).country.view(), "US");
  EXPECT_EQ(both.locate(ip("11.0.0.1")).database, 1);
  EXPECT_EQ(both.locate(ip("12.0.0.1")).source, Source::none);
}

TEST(Locator, OverlaysStandInFrontInTheirOrder) {
  const Locator all = locator(
      database({{"10.0.0.0/8", place("DE", 52.5, 13.4)}}), database({{"10.1.0.0/16", place("FR", 48.9, 2.4)}}, true),
      database({{"10.1.0.0/16", place("IT", 41.9, 12.5)}, {"10.2.0.0/16", place("IT", 41.9, 12.5)}}, true));
  EXPECT_EQ(all.locate(ip("10.1.0.1")).country.view(), "FR");
  EXPECT_EQ(all.locate(ip("10.1.0.1")).source, Source::overlay);
  EXPECT_EQ(all.locate(ip("10.2.0.1")).country.view(), "IT");
  EXPECT_EQ(all.locate(ip("10.3.0.1")).country.view(), "DE");
  EXPECT_EQ(all.locate(ip("10.3.0.1")).database, 2);
}

TEST(Locator, ACountryAloneGetsItsCentroid) {
  const Facts facts = locator(database({{"10.0.0.0/8", country("DE")}})).locate(ip("10.0.0.1"));
  EXPECT_EQ(facts.source, Source::centroid);
  EXPECT_EQ(facts.point, country_info(Country::of("DE"))->centroid);
  EXPECT_EQ(facts.accuracy_km, kCentroidAccuracyKm);
}

TEST(Locator, APointOfALaterDatabaseBeatsTheCentroid) {
  const Locator both =
      locator(database({{"10.0.0.0/8", country("DE")}}), database({{"10.0.0.0/8", place("DE", 48.1, 11.6, "Munich")}}));
  const Facts facts = both.locate(ip("10.0.0.1"));
  EXPECT_EQ(facts.point, kMunich);
  EXPECT_EQ(facts.city, "Munich");
  EXPECT_EQ(facts.source, Source::database);
  EXPECT_EQ(facts.database, 1);
}

TEST(Locator, ALaterDatabaseCannotContradictTheCountry) {
  const Locator both =
      locator(database({{"10.0.0.0/8", place("US", 40.7, -74)}}), database({{"10.0.0.0/8", country("DE")}}, true));
  const Facts facts = both.locate(ip("10.0.0.1"));
  EXPECT_EQ(facts.country.view(), "DE");
  EXPECT_EQ(facts.source, Source::centroid);
  EXPECT_EQ(facts.point, country_info(Country::of("DE"))->centroid);
}

TEST(Locator, APointWithoutCountryIsAnAnswer) {
  RecordFields point;
  point.point = kBerlin;
  const Facts facts =
      locator(database({{"10.0.0.0/8", point}}), database({{"10.0.0.0/8", country("US")}})).locate(ip("10.0.0.1"));
  EXPECT_EQ(facts.point, kBerlin);
  EXPECT_FALSE(facts.country.known());
}

TEST(Locator, FillsTheContinentFromTheCountry) {
  EXPECT_EQ(locator(database({{"10.0.0.0/8", country("SG")}})).locate(ip("10.0.0.1")).continent,
            (std::array<char, 2>{'A', 'S'}));
  RecordFields own = country("TR");
  own.continent = Country::of("EU");
  EXPECT_EQ(locator(database({{"10.0.0.0/8", own}})).locate(ip("10.0.0.1")).continent, (std::array<char, 2>{'E', 'U'}));
}

TEST(Locator, SeparateFilesForEachFamilyWorkTogether) {
  const Locator both = locator(database({{"10.0.0.0/8", country("DE")}}), database({{"2001:db8::/32", country("SG")}}));
  EXPECT_EQ(both.locate(ip("10.0.0.1")).country.view(), "DE");
  EXPECT_EQ(both.locate(ip("2001:db8::1")).country.view(), "SG");
}

TEST(LocatorOpen, OpensEveryFile) {
  const TemporaryFiles files;
  const auto opened = Locator::open({{files.write("a", database_bytes({{"10.0.0.0/8", country("DE")}})), false},
                                     {files.write("b", database_bytes({{"10.0.0.0/8", country("FR")}})), true}});
  ASSERT_TRUE(opened.has_value()) << opened.error();
  EXPECT_EQ((*opened)->databases().size(), 2u);
  EXPECT_EQ((*opened)->locate(ip("10.0.0.1")).country.view(), "FR");
}

TEST(LocatorOpen, OneFileThatCannotBeUsedIsTheError) {
  const TemporaryFiles files;
  const auto opened = Locator::open(
      {{files.write("a", database_bytes({{"10.0.0.0/8", country("DE")}})), false}, {files.path("none"), false}});
  ASSERT_FALSE(opened.has_value());
  EXPECT_TRUE(opened.error().starts_with(files.path("none") + ": cannot be opened"));
}

TEST(LocatorOpen, RefusesMoreFilesThanItCanName) {
  EXPECT_FALSE(Locator::open(std::vector<Locator::Input>(33, {"x", false})).has_value());
}

}  // namespace
}  // namespace rhumb::geo
