// SPDX-License-Identifier: Apache-2.0
#include "geo/walk.h"

#include <gmock/gmock.h>

#include "geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::country;
using testing::database;
using ::testing::ElementsAre;
using testing::place;

std::vector<std::string> networks_of(const Database& database) {
  std::vector<std::string> seen;
  walk(database, [&](const base::Cidr& network, const Facts& facts) {
    seen.push_back(network.to_string() + " " + std::string(facts.country.view()));
    EXPECT_EQ(database.lookup(network.base).country, facts.country);
  });
  return seen;
}

TEST(Walk, VisitsEachNetworkOnceInOrder) {
  EXPECT_THAT(networks_of(database({{"198.51.100.0/24", country("DE")},
                                    {"10.0.0.0/8", country("US")},
                                    {"10.128.0.0/9", country("CA")},
                                    {"203.0.113.7/32", country("DE")}})),
              ElementsAre("10.0.0.0/9 US", "10.128.0.0/9 CA", "198.51.100.0/24 DE", "203.0.113.7/32 DE"));
}

TEST(Walk, SeesIPv4OnceWhereItStandsInATreeOfBoth) {
  EXPECT_THAT(networks_of(database({{"10.0.0.0/8", country("US")}, {"2001:db8::/32", country("FR")}})),
              ElementsAre("10.0.0.0/8 US", "2001:db8::/32 FR"));
}

TEST(Walk, LeavesOutWhatSaysNothing) {
  RecordFields city;
  city.city = "Atlantis";
  EXPECT_THAT(networks_of(database({{"10.0.0.0/8", city}, {"11.0.0.0/8", country("US")}})),
              ElementsAre("11.0.0.0/8 US"));
}

TEST(Walk, GivesThePlace) {
  walk(database({{"10.0.0.0/8", place("DE", 52.5, 13.4, "Berlin")}}), [](const base::Cidr&, const Facts& facts) {
    EXPECT_EQ(facts.city, "Berlin");
    EXPECT_NEAR(facts.point.latitude, 52.5, 1e-4);
    EXPECT_EQ(facts.source, Source::database);
  });
}

}  // namespace
}  // namespace rhumb::geo
