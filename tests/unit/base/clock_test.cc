// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

namespace rhumb::base {
namespace {

TEST(ManualClock, StandsStillUntilTold) {
  const ManualClock clock;
  EXPECT_EQ(clock.now(), clock.now());
  EXPECT_EQ(clock.wall(), clock.wall());
}

TEST(ManualClock, MovesBothTimesTogether) {
  ManualClock clock(Instant(Micros(10)), WallTime(Micros(1000)));
  clock.advance(Millis(2));
  EXPECT_EQ(clock.now(), Instant(Micros(2010)));
  EXPECT_EQ(clock.wall(), WallTime(Micros(3000)));
}

TEST(ManualClock, LetsTheWallJumpAlone) {
  ManualClock clock;
  const Instant before = clock.now();
  clock.set_wall(WallTime(Seconds(5)));
  EXPECT_EQ(clock.wall(), WallTime(Seconds(5)));
  EXPECT_EQ(clock.now(), before);
}

TEST(SystemClock, NeverGoesBackAndCountsTheWallFrom1970) {
  const SystemClock clock;
  const Clock& seam = clock;
  const Instant first = seam.now();
  EXPECT_LE(first, seam.now());
  const auto machine = std::chrono::system_clock::now().time_since_epoch();
  const auto between = machine - seam.wall().time_since_epoch();
  EXPECT_LT(std::chrono::abs(between), std::chrono::hours(1));
}

}  // namespace
}  // namespace rhumb::base
