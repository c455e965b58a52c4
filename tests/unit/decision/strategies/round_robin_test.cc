// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

TEST(RoundRobin, GoesRoundWithConsecutiveDraws) {
  TestWorld w;
  w.strategy("round_robin");
  EXPECT_TRUE(w.policy.strategy->sequential);
  for (uint64_t draw = 0; draw < 9; ++draw) EXPECT_EQ(w.decide(draw).winner, draw % 3);
  w.states.of[us].healthy = false;
  EXPECT_EQ(w.decide(0).winner, eu);
  EXPECT_EQ(w.decide(1).winner, ap);
  EXPECT_EQ(w.decide(1).runner_up, eu);
}

TEST(RoundRobin, AMissingRegionsTurnsGoToItsBackup) {
  TestWorld w;
  w.strategy("round_robin");
  (*w.regions)[us].backup = {ap};
  w.states.of[us].healthy = false;
  EXPECT_EQ(w.decide(1).winner, ap);
  EXPECT_EQ(w.decide(1).reason, Reason::backup);
  EXPECT_EQ(w.decide(0).reason, Reason::round_robin);
  EXPECT_EQ(w.decide(~uint64_t{0}).winner, w.decide(3).winner) << "2^64 - 1 is a multiple of three";
}

}  // namespace
}  // namespace rhumb::decision
