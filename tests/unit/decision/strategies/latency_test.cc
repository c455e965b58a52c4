// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::shares;
using testing::TestWorld;
using testing::us;

TEST(LatencyStrategy, TakesTheFastest) {
  TestWorld w;
  w.strategy("latency");
  w.rtt(eu, 80), w.rtt(us, 20), w.rtt(ap, 50);
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, us);
  EXPECT_EQ(d.runner_up, ap);
  EXPECT_EQ(d.reason, Reason::fastest);
}

TEST(LatencyStrategy, LooksAtUnmeasuredRegionsFirst) {
  TestWorld w;
  w.strategy("latency");
  w.rtt(eu, 1), w.rtt(us, 1);
  EXPECT_EQ(w.decide().winner, ap);
}

TEST(LatencyStrategy, ASlowRegionIsStillExplored) {
  TestWorld w;
  w.strategy("latency");
  w.policy.exploration = 0.03;
  w.rtt(eu, 1), w.rtt(us, 500), w.rtt(ap, 500);
  const auto s = shares(w, 10'000);
  EXPECT_NEAR(s[us], 100, 50);
  EXPECT_NEAR(s[ap], 100, 50);
}

TEST(LatencyStrategy, SeveralUnmeasuredRegionsShareTheLook) {
  TestWorld w;
  w.strategy("latency");
  w.rtt(eu, 1);
  const auto s = shares(w, 2'000);
  EXPECT_EQ(s[eu], 0);
  EXPECT_NEAR(s[us], 1'000, 100);
  EXPECT_EQ(w.decide().reason, Reason::exploration);
  EXPECT_EQ(w.decide().runner_up, eu) << "who would have won otherwise";
}

TEST(LatencyStrategy, AnUnmeasuredRegionThatIsDownDoesNotCallForItsBackup) {
  TestWorld w;
  w.strategy("latency");
  w.rtt(eu, 1), w.rtt(us, 2);
  w.states.of[ap].healthy = false;
  (*w.regions)[ap].backup = {us};
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().reason, Reason::fastest);
}

}  // namespace
}  // namespace rhumb::decision
