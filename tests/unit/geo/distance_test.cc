// SPDX-License-Identifier: Apache-2.0
#include "geo/distance.h"

#include <gtest/gtest.h>

namespace rhumb::geo {
namespace {

constexpr Point kLondon{51.5074, -0.1278}, kNewYork{40.7128, -74.0060}, kSydney{-33.8688, 151.2093},
    kFrankfurt{50.1109, 8.6821};

TEST(Distance, IsTheGreatCircleBetweenKnownCities) {
  EXPECT_NEAR(distance_km(kLondon, kNewYork), 5570, 5);
  EXPECT_NEAR(distance_km(kLondon, kSydney), 16993, 10);
  EXPECT_NEAR(distance_km(kLondon, kFrankfurt), 638, 2);
}

TEST(Distance, OfAPlaceToItselfIsZero) { EXPECT_EQ(distance_km(kSydney, kSydney), 0); }

TEST(Distance, DoesNotDependOnTheDirection) {
  EXPECT_DOUBLE_EQ(distance_km(kLondon, kSydney), distance_km(kSydney, kLondon));
}

TEST(Distance, CrossesTheDateLineTheShortWay) { EXPECT_NEAR(distance_km({0, 179.5}, {0, -179.5}), 111.2, 0.1); }

TEST(Distance, OfAntipodesIsHalfTheEarthAndNeverANaN) {
  EXPECT_NEAR(distance_km({0, 0}, {0, 180}), 20015.1, 0.1);
  EXPECT_NEAR(distance_km({90, 0}, {-90, 123}), 20015.1, 0.1);
  EXPECT_NEAR(distance_km({37.1, -12.3}, {-37.1, 167.7}), 20015.1, 0.1);
}

TEST(Distance, ADegreeOfLatitudeIsTheSameAtEveryLongitude) {
  EXPECT_NEAR(distance_km({10, 0}, {11, 0}), distance_km({10, 99}, {11, 99}), 1e-9);
}

TEST(FibreRoundTrip, IsTenMillisecondsForAThousandKilometres) {
  EXPECT_EQ(fibre_round_trip(1000), base::Micros(10'000));
  EXPECT_EQ(fibre_round_trip(0), base::Micros(0));
  EXPECT_EQ(fibre_round_trip(-5), base::Micros(0));
}

}  // namespace
}  // namespace rhumb::geo
