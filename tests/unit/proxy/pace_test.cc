// SPDX-License-Identifier: Apache-2.0
#include "proxy/pace.h"

#include <gtest/gtest.h>

namespace rhumb::proxy {
namespace {

using base::Instant;
using base::Millis;
using base::Seconds;

constexpr uint64_t kRate = 500;

/// Seconds until somebody who moves `bytes` each `every` is found too slow; 600: never in that time.
int64_t seconds_kept_up(uint64_t bytes, Millis every, uint64_t rate = kRate) {
  Pace pace;
  uint64_t moved = 0;
  for (Instant now{Seconds(100)}; now < Instant{Seconds(700)}; now += every, moved += bytes)
    if (!pace.keeps_up(now, moved, rate))
      return std::chrono::duration_cast<Seconds>(now - Instant{Seconds(100)}).count();
  return 600;
}

TEST(Pace, S8_WhoMovesNothingHasTenSeconds) { EXPECT_EQ(seconds_kept_up(0, Millis(1000)), 10); }

TEST(Pace, S8_ATrickleIsFoundOutHoweverOftenItMoves) {
  EXPECT_EQ(seconds_kept_up(1, Millis(1000)), 11);
  EXPECT_EQ(seconds_kept_up(1, Millis(10)), 12);
  EXPECT_EQ(seconds_kept_up(250, Millis(1000)), 20);
  EXPECT_EQ(seconds_kept_up(450, Millis(1000)), 100);
}

TEST(Pace, WhoKeepsTheRateKeepsTheConnection) {
  EXPECT_EQ(seconds_kept_up(500, Millis(1000)), 600);
  EXPECT_EQ(seconds_kept_up(5000, Millis(9900)), 600) << "in portions";
  EXPECT_EQ(seconds_kept_up(0, Millis(1000), 0), 600) << "no limit";
}

TEST(Pace, ABurstPaysForAPauseButNotForALongOne) {
  Pace pace;
  const Instant start{Seconds(5)};
  EXPECT_TRUE(pace.keeps_up(start, 1'000'000, kRate));
  EXPECT_TRUE(pace.keeps_up(start + Seconds(29), 1'000'000, kRate));
  EXPECT_FALSE(pace.keeps_up(start + Seconds(31), 1'000'000, kRate));
}

TEST(Pace, TimeOfOthersDoesNotCount) {
  Pace pace;
  const Instant start{Seconds(5)};
  EXPECT_TRUE(pace.keeps_up(start, 0, kRate));
  pace.rest(start + Seconds(1));
  EXPECT_TRUE(pace.keeps_up(start + Seconds(1000), 0, kRate));
  EXPECT_TRUE(pace.keeps_up(start + Seconds(1008), 0, kRate));
  EXPECT_FALSE(pace.keeps_up(start + Seconds(1010), 0, kRate));
}

}  // namespace
}  // namespace rhumb::proxy
