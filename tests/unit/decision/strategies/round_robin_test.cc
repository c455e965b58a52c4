// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
[[maybe_unused]] constexpr auto eu = TestWorld::eu, us = TestWorld::us, ap = TestWorld::ap;

/// How often each region wins over many draws.
[[maybe_unused]] std::array<int, 3> shares(TestWorld& w, int draws) {
  std::array<int, 3> out{};
  for (int i = 0; i < draws; ++i) ++out[w.decide(static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15).winner];
  return out;
}

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
