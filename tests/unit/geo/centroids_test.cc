// SPDX-License-Identifier: Apache-2.0
#include "geo/centroids.h"

#include <gtest/gtest.h>

#include <set>

#include "geo/distance.h"

namespace rhumb::geo {
namespace {

TEST(Centroids, ListIsSortedAndWithoutRepetition) {
  const auto all = all_countries();
  EXPECT_EQ(all.size(), 250u);  // ISO 3166-1 has 249; and Kosovo
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].code, all[i].code);
}

TEST(Centroids, EveryCountryIsFoundByItsCode) {
  for (const CountryInfo& info : all_countries()) EXPECT_EQ(country_info(Country::of(info.code)), &info) << info.code;
}

TEST(Centroids, EveryRowIsComplete) {
  const std::set<std::string_view> continents = {"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
  std::set<std::string_view> names;
  for (const CountryInfo& info : all_countries()) {
    EXPECT_TRUE(continents.contains(info.continent)) << info.code;
    EXPECT_LE(std::abs(info.centroid.latitude), 90) << info.code;
    EXPECT_LE(std::abs(info.centroid.longitude), 180) << info.code;
    EXPECT_FALSE(info.centroid == Point{}) << info.code;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
  }
}

TEST(Centroids, CodesOfNoCountryAreUnknown) {
  for (const char* code : {"ZZ", "XX", "EU", "AP", "UK"}) EXPECT_EQ(country_info(Country::of(code)), nullptr) << code;
  EXPECT_EQ(country_info(Country{}), nullptr);
  EXPECT_EQ(country_info(Country{{'d', 'e'}}), nullptr);
  EXPECT_EQ(country_info(Country{{'\x7f', '\x80'}}), nullptr);
}

struct Near {
  std::string_view code;
  Point city;
  double km;
};

class CentroidNear : public ::testing::TestWithParam<Near> {};

TEST_P(CentroidNear, LiesAmongTheCountrysPeople) {
  const CountryInfo* info = country_info(Country::of(GetParam().code));
  ASSERT_NE(info, nullptr);
  EXPECT_LT(distance_km(info->centroid, GetParam().city), GetParam().km);
}

INSTANTIATE_TEST_SUITE_P(Cities, CentroidNear,
                         ::testing::Values(Near{"DE", {50.11, 8.68}, 250}, Near{"SG", {1.29, 103.85}, 30},
                                           Near{"JP", {35.68, 139.69}, 300}, Near{"US", {38.63, -90.2}, 400},
                                           Near{"GB", {51.5, -0.13}, 250}, Near{"AU", {-33.87, 151.2}, 600},
                                           Near{"BR", {-23.55, -46.63}, 800}, Near{"ZA", {-26.2, 28.05}, 400},
                                           Near{"IN", {28.6, 77.2}, 900}, Near{"CA", {43.65, -79.38}, 700},
                                           Near{"RU", {55.75, 37.6}, 1100}, Near{"CL", {-33.45, -70.67}, 150}));

}  // namespace
}  // namespace rhumb::geo
