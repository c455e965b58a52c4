// SPDX-License-Identifier: Apache-2.0
// Which city reaches which region: the expectations of two region catalogues, written down by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;

struct Visitor {
  const char* city;
  double latitude, longitude;
  const char* country;
  const char* region;
};

struct Catalogue : TestWorld {
  Catalogue() {
    regions->clear();
    states.of.clear();
  }
  RegionIndex index(std::string_view region) const {
    for (size_t i = 0; i < regions->size(); ++i)
      if ((*regions)[i].name == region) return static_cast<RegionIndex>(i);
    return kNoRegion;
  }
  std::string winner_of(const Visitor& visitor) {
    at(visitor.latitude, visitor.longitude, visitor.country);
    const Decision d = decide();
    return d.winner == kNoRegion ? "none" : (*regions)[d.winner].name;
  }
};

struct Five : Catalogue {
  Five() {
    add("us-east", 37.5, -77.5);
    add("eu-west", 53.3, -6.2);
    add("ap-south", 1.3, 103.8);
    add("ru-central", 55.7, 37.6);
    add("sa-east", -23.5, -46.6);
  }
};

constexpr Visitor kFive[] = {
    {"Paris", 48.86, 2.35, "FR", "eu-west"},
    {"Berlin", 52.52, 13.40, "DE", "eu-west"},
    {"Lagos", 6.52, 3.38, "NG", "eu-west"},
    {"Moscow", 55.75, 37.62, "RU", "ru-central"},
    {"Cairo", 30.04, 31.24, "EG", "ru-central"},
    {"New York", 40.71, -74.01, "US", "us-east"},
    {"Los Angeles", 34.05, -118.24, "US", "us-east"},
    {"Mumbai", 19.08, 72.88, "IN", "ap-south"},
    {"Tokyo", 35.68, 139.69, "JP", "ap-south"},
    {"Sydney", -33.87, 151.21, "AU", "ap-south"},
    {"Buenos Aires", -34.60, -58.38, "AR", "sa-east"},
};

TEST(Catalogue, FiveRegionsServeTheNearest) {
  for (const char* strategy : {"score", "geographic"}) {
    Five w;
    w.strategy(strategy);
    for (const Visitor& visitor : kFive)
      EXPECT_EQ(w.winner_of(visitor), visitor.region) << strategy << " " << visitor.city;
  }
}

TEST(Catalogue, WhenARegionFailsItsClientsGoToTheNextAndNobodyElseMoves) {
  for (size_t down = 0; down < 5; ++down) {
    Five w;
    w.states.of[down].healthy = false;
    for (const Visitor& visitor : kFive) {
      if (w.index(visitor.region) == down) {
        EXPECT_NE(w.winner_of(visitor), visitor.region) << visitor.city;
      } else {
        EXPECT_EQ(w.winner_of(visitor), visitor.region) << visitor.city;
      }
    }
  }
}

TEST(Catalogue, BiasMovesTheBorderBetweenTwoRegions) {
  Five w;
  const Visitor berlin{"Berlin", 52.52, 13.40, "DE", ""}, dublin{"Dublin", 53.35, -6.26, "IE", ""};
  (*w.regions)[w.index("ru-central")].bias = 3;
  EXPECT_EQ(w.winner_of(berlin), "ru-central");
  EXPECT_EQ(w.winner_of(dublin), "eu-west") << "further off, the bias is too small";
  (*w.regions)[w.index("ru-central")].bias = 0;
  (*w.regions)[w.index("eu-west")].bias = -3;
  EXPECT_EQ(w.winner_of(berlin), "ru-central");
}

struct Seven : Catalogue {
  Seven() {
    add("us-east-1", 38.9, -77.4), add("us-west-2", 45.8, -119.7);
    add("eu-west-1", 53.3, -6.2), add("eu-central-1", 50.1, 8.7);
    add("ap-northeast-1", 35.7, 139.7), add("ap-southeast-1", 1.35, 103.8);
    add("sa-east-1", -23.5, -46.6), add("ap-southeast-2", -33.9, 151.2);
    add("af-south-1", -33.9, 18.4), add("ap-south-1", 19.1, 72.9);
    add("me-south-1", 26.1, 50.6), add("ap-east-1", 22.3, 114.2), add("ap-northeast-2", 37.6, 127.0);
    (*regions)[index("eu-central-1")].backup = {index("eu-west-1")};
    (*regions)[index("us-east-1")].backup = {index("us-west-2")};
    constexpr std::pair<const char*, const char*> kTable[] = {
        {"AE", "me-south-1"}, {"AR", "sa-east-1"},  {"AU", "ap-southeast-2"}, {"BR", "sa-east-1"},
        {"CA", "us-east-1"},  {"CL", "sa-east-1"},  {"CN", "ap-east-1"},      {"DE", "eu-central-1"},
        {"EG", "eu-west-1"},  {"ES", "eu-west-1"},  {"FR", "eu-west-1"},      {"GB", "eu-west-1"},
        {"IN", "ap-south-1"}, {"IT", "eu-west-1"},  {"JP", "ap-northeast-1"}, {"KR", "ap-northeast-2"},
        {"MX", "us-west-2"},  {"SA", "me-south-1"}, {"SG", "ap-southeast-1"}, {"US", "us-east-1"},
        {"ZA", "af-south-1"}};
    for (const auto& [country, region] : kTable)
      policy.countries.emplace_back(geo::Country::of(country), index(region));
    policy.default_region = index("us-east-1");
  }
};

TEST(Catalogue, TheCountryTableGoesBeforeDistanceAndDistanceForTheRest) {
  constexpr Visitor kVisitors[] = {
      {"Seattle", 47.61, -122.33, "US", "us-east-1"},
      {"Toronto", 43.65, -79.38, "CA", "us-east-1"},
      {"Mexico City", 19.43, -99.13, "MX", "us-west-2"},
      {"Milan", 45.46, 9.19, "IT", "eu-west-1"},
      {"Cologne", 50.94, 6.96, "DE", "eu-central-1"},
      {"Cairo", 30.04, 31.24, "EG", "eu-west-1"},
      {"Shanghai", 31.23, 121.47, "CN", "ap-east-1"},
      {"Busan", 35.18, 129.08, "KR", "ap-northeast-2"},
      {"Perth", -31.95, 115.86, "AU", "ap-southeast-2"},
      {"Riyadh", 24.71, 46.68, "SA", "me-south-1"},
      {"Durban", -29.86, 31.03, "ZA", "af-south-1"},
      {"Santiago", -33.45, -70.67, "CL", "sa-east-1"},
      // not in the table
      {"Warsaw", 52.23, 21.01, "PL", "eu-central-1"},
      {"Auckland", -36.85, 174.76, "NZ", "ap-southeast-2"},
      {"Taipei", 25.03, 121.57, "TW", "ap-east-1"},
      {"Lima", -12.05, -77.04, "PE", "sa-east-1"},
      {"Colombo", 6.93, 79.86, "LK", "ap-south-1"},
  };
  Seven w;
  for (const Visitor& visitor : kVisitors) EXPECT_EQ(w.winner_of(visitor), visitor.region) << visitor.city;
  w.facts.where = {};
  EXPECT_EQ(w.decide().winner, w.index("us-east-1"));
  EXPECT_EQ(w.decide().reason, Reason::default_region);
}

TEST(Catalogue, ACountryWithoutAPlaceAndWithoutAnEntryGoesToTheDefault) {
  Seven w;
  w.facts.where = {};
  w.facts.where.country = geo::Country::of("XK");
  EXPECT_EQ(w.decide().reason, Reason::default_region);
  w.facts.where.country = geo::Country::of("DE");
  EXPECT_EQ(w.decide().reason, Reason::country);
}

TEST(Catalogue, TheSecondaryStandsInForThePrimary) {
  Seven w;
  w.states.of[w.index("eu-central-1")].healthy = false;
  w.states.of[w.index("us-east-1")].draining = true;
  EXPECT_EQ(w.winner_of({"Cologne", 50.94, 6.96, "DE", ""}), "eu-west-1");
  EXPECT_EQ(w.winner_of({"Warsaw", 52.23, 21.01, "PL", ""}), "eu-west-1");
  EXPECT_EQ(w.decide().reason, Reason::backup);
  EXPECT_EQ(w.winner_of({"New York", 40.71, -74.01, "US", ""}), "us-west-2");
}

TEST(Catalogue, AVagueCountryCentreDoesNotOutweighAMeasuredRoundTrip) {
  Five w;
  for (RegionState& state : w.states.of) state.rtt = base::Millis(60);
  w.rtt(w.index("us-east"), 25);
  const Visitor kansas{"middle of the US", 38.0, -97.0, "US", ""}, iceland{"Reykjavik", 64.15, -21.94, "IS", ""};
  EXPECT_EQ(w.winner_of(kansas), "us-east");
  ASSERT_EQ(w.winner_of(iceland), "eu-west");
  w.facts.where.accuracy_km = 3000;
  EXPECT_EQ(w.decide().winner, w.index("us-east"));
}

}  // namespace
}  // namespace rhumb::decision
