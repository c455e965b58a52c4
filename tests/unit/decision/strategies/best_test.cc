// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Pick best_of(std::array<double, 4> keys, uint64_t mask = 0b1111) {
  const CandidateSet set = Fence(4).candidates({}).narrowed([&](RegionIndex r) { return (mask >> r & 1) != 0; });
  return best_two(set, Reason::best_score, [&](RegionIndex r) { return keys[r]; });
}

TEST(BestTwo, AreTheHighestAndTheSecond) {
  const Pick pick = best_of({1, 4, 2, 3});
  EXPECT_EQ(pick.winner, 1);
  EXPECT_EQ(pick.runner_up, 3);
  EXPECT_EQ(pick.reason, Reason::best_score);
}

TEST(BestTwo, EqualKeysGoToTheLowerIndex) {
  const Pick pick = best_of({1, 2, 2, 2});
  EXPECT_EQ(pick.winner, 1);
  EXPECT_EQ(pick.runner_up, 2);
}

TEST(BestTwo, WhatIsNoNumberLosesToAnyNumber) {
  const Pick pick = best_of({kNan, -1e300, kNan, kNan});
  EXPECT_EQ(pick.winner, 1);
  EXPECT_EQ(pick.runner_up, 0);
  EXPECT_EQ(best_of({kNan, kNan, kNan, kNan}).winner, 0) << "somebody must serve";
}

TEST(BestTwo, OneAloneHasNoRunnerUp) {
  const Pick pick = best_of({1, 4, 2, 3}, 0b0100);
  EXPECT_EQ(pick.winner, 2);
  EXPECT_EQ(pick.runner_up, kNoRegion);
}

TEST(DrawnKey, OneThatLeavesDoesNotShiftTheOthers) {
  testing::TestWorld w;
  w.strategy("weighted");
  (*w.regions)[0].weight = 10, (*w.regions)[1].weight = 30, (*w.regions)[2].weight = 60;
  for (uint64_t draw = 0; draw < 2000; ++draw) {
    w.states.of[2].healthy = true;
    const Decision all = w.decide(draw);
    w.states.of[2].healthy = false;
    const Decision without = w.decide(draw);
    if (all.winner == 2) {
      ASSERT_EQ(without.winner, all.runner_up);
    } else {
      ASSERT_EQ(without.winner, all.winner);
    }
  }
}

}  // namespace
}  // namespace rhumb::decision
