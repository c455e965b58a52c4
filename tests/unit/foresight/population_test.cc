// SPDX-License-Identifier: Apache-2.0
#include "foresight/population.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/check.h"
#include "geo/centroids.h"
#include "geo/mmdb_writer.h"

namespace rhumb::foresight {
namespace {

struct Network {
  const char* cidr;
  const char* country;
  double latitude, longitude;  // 0 and 0: not known
};

geo::Database world_database(const std::vector<Network>& networks, bool overlay = false) {
  geo::MmdbWriter writer;
  for (const Network& network : networks) {
    geo::RecordFields fields;
    fields.country = geo::Country::of(network.country);
    if (network.latitude != 0) fields.point = geo::Point{network.latitude, network.longitude};
    writer.insert(*base::Cidr::parse(network.cidr), fields);
  }
  auto opened = geo::Database::from_bytes("test", writer.finish({}), overlay);
  RHUMB_ASSERT(opened.has_value());
  return std::move(*opened);
}

std::vector<Place> population_of(std::vector<geo::Database> databases) {
  const geo::Locator locator(std::move(databases));
  return population(&locator);
}

template <class... D>
std::vector<geo::Database> all(D... database) {
  std::vector<geo::Database> list;
  (list.push_back(std::move(database)), ...);
  return list;
}

TEST(Population, WithoutADatabaseIsEachCountryOnce) {
  const auto places = population(nullptr);
  ASSERT_EQ(places.size(), geo::all_countries().size());
  for (const Place& place : places) {
    EXPECT_EQ(place.weight, 1);
    EXPECT_EQ(place.at, geo::country_info(place.country)->centroid);
  }
  EXPECT_EQ(population_of({}).size(), places.size());
}

TEST(Population, CountsAddressesAndJoinsNetworksOfOnePlace) {
  const auto places = population_of(all(world_database({{"10.0.0.0/24", "DE", 52.25, 13.5},
                                                        {"10.0.2.0/24", "DE", 52.75, 13.5},
                                                        {"10.0.4.0/23", "DE", 53.5, 13.5},
                                                        {"10.0.8.0/24", "PL", 52.5, 13.5}})));
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(places[0].country.view(), "DE");
  EXPECT_EQ(places[0].weight, 512);
  EXPECT_NEAR(places[0].at.latitude, 52.5, 1e-3);
  EXPECT_NEAR(places[0].at.longitude, 13.5, 1e-3);
  EXPECT_EQ(places[1].weight, 512);
  EXPECT_EQ(places[2].country.view(), "PL");
  EXPECT_EQ(places[2].weight, 256);
}

TEST(Population, CountsSitesOfIPv6) {
  const auto places = population_of(all(world_database(
      {{"2001:db8::/32", "DE", 52.5, 13.5}, {"2001:db9::/64", "FR", 48.5, 2.5}, {"10.0.0.0/31", "US", 38.5, -77.5}})));
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(places[0].weight, 65536);
  EXPECT_EQ(places[1].weight, 1) << "less than a site is one";
  EXPECT_EQ(places[2].weight, 2);
}

TEST(Population, ACountryWithoutAPointIsAtItsMiddle) {
  const auto places = population_of(all(world_database({{"10.0.0.0/8", "BR", 0, 0}})));
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].at, geo::country_info(geo::Country::of("BR"))->centroid);
}

TEST(Population, ANetworkCountsByTheFirstDatabaseThatKnowsIt) {
  const auto places =
      population_of(all(world_database({{"10.0.0.0/24", "DE", 52.5, 13.5}, {"10.0.1.0/24", "DE", 52.5, 13.5}}),
                        world_database({{"10.0.0.0/24", "FR", 48.5, 2.5}}, true)));
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].country.view(), "DE");
  EXPECT_EQ(places[0].weight, 256);
  EXPECT_EQ(places[1].country.view(), "FR");
  EXPECT_EQ(places[1].weight, 256);
}

TEST(Population, AnOverlayOfSmallNetworksCutsThemOut) {
  const auto places =
      population_of(all(world_database({{"10.0.0.0/8", "DE", 52.5, 13.5}, {"2001:db8::/32", "DE", 52.5, 13.5}}),
                        world_database({{"10.0.0.0/32", "FR", 48.5, 2.5},
                                        {"10.99.0.7/32", "FR", 48.5, 2.5},
                                        {"2001:db8:8000::/33", "FR", 48.5, 2.5}},
                                       true)));
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].weight, (1 << 24) - 2 + 32768);
  EXPECT_EQ(places[1].weight, 2 + 32768);
}

}  // namespace
}  // namespace rhumb::foresight
