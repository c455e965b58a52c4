// SPDX-License-Identifier: Apache-2.0
#include "geo/cache.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::database;
using testing::ip;
using testing::place;

struct Places {
  Locator locator = [] {
    std::vector<Database> list;
    list.push_back(database({{"10.0.0.0/8", place("DE", 52.5, 13.4)}, {"11.0.0.0/8", place("US", 40.7, -74)}}));
    return Locator(std::move(list));
  }();
  std::unique_ptr<Cache> cache = std::make_unique<Cache>(locator);
};

TEST(Cache, SaysTheSameOfAnAddressEachTime) {
  Places places;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(places.cache->locate(ip("10.0.0.1")).country.view(), "DE");
    EXPECT_EQ(places.cache->locate(ip("11.0.0.1")).country.view(), "US");
    EXPECT_EQ(places.cache->locate(ip("12.0.0.1")).source, Source::none) << "what is unknown is remembered too";
  }
}

// Many more addresses than there is room for: each must get its own answer, whoever had its place before.
TEST(Cache, NeverAnswersForAnotherAddress) {
  Places places;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < 20'000; ++i) {
      const uint32_t first = 10 + i % 3;
      const base::IpAddress address = base::IpAddress::v4(first << 24 | i);
      ASSERT_EQ(places.cache->locate(address).country, places.locator.locate(address).country) << i;
    }
  }
}

TEST(Cache, KnowsTheUnsetAddressFromAnEmptyPlace) {
  Places places;
  EXPECT_EQ(places.cache->locate(base::IpAddress{}).source, places.locator.locate(base::IpAddress{}).source);
}

}  // namespace
}  // namespace rhumb::geo
