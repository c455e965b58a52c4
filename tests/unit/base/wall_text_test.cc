// SPDX-License-Identifier: Apache-2.0
#include "base/wall_text.h"

#include <gtest/gtest.h>

namespace rhumb::base {
namespace {

TEST(WallText, IsRfc3339InUtc) {
  EXPECT_EQ(wall_text(WallTime(Micros(0))), "1970-01-01T00:00:00Z");
  EXPECT_EQ(wall_text(WallTime(Micros(1'700'000'000'999'999))), "2023-11-14T22:13:20Z");
  EXPECT_EQ(wall_text_millis(WallTime(Micros(1'700'000'000'007'999))), "2023-11-14T22:13:20.007Z");
}

TEST(WallText, BeforeTheEpochStillCutsDownwards) {
  EXPECT_EQ(wall_text_millis(WallTime(Micros(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(WallText, ATimeOfNoFourDigitYearIsTheNearestOneThatIs) {
  EXPECT_EQ(wall_text(WallTime::min()), "0000-01-01T00:00:00Z");
  EXPECT_EQ(wall_text_millis(WallTime::min()), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(wall_text(WallTime::max()), "9999-12-31T23:59:59Z");
  EXPECT_EQ(wall_text_millis(WallTime::max()), "9999-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace rhumb::base
