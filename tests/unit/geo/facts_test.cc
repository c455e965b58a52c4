// SPDX-License-Identifier: Apache-2.0
#include "geo/facts.h"

#include <gtest/gtest.h>

namespace rhumb::geo {
namespace {

TEST(Facts, CountryTakesTwoLettersOfAnyCase) {
  EXPECT_EQ(Country::of("de").view(), "DE");
  EXPECT_EQ(Country::of("Us"), Country::of("US"));
}

TEST(Facts, CountryOfAnythingElseIsUnknown) {
  for (const char* text : {"", "D", "DEU", "1A", "D-", "\x01\x02", "\xc3\xa4"}) {
    EXPECT_FALSE(Country::of(text).known()) << text;
    EXPECT_EQ(Country::of(text).view(), "");
  }
}

TEST(Facts, EverySourceHasItsOwnName) {
  EXPECT_EQ(name(Source::none), "none");
  EXPECT_EQ(name(Source::centroid), "centroid");
  EXPECT_EQ(name(Source::database), "database");
  EXPECT_EQ(name(Source::overlay), "overlay");
  EXPECT_EQ(name(Source::header), "header");
}

TEST(Facts, AreUnknownWhenNew) {
  const Facts facts;
  EXPECT_EQ(facts.source, Source::none);
  EXPECT_FALSE(facts.has_point);
  EXPECT_FALSE(facts.country.known());
}

}  // namespace
}  // namespace rhumb::geo
