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

TEST(Priority, TheLowestTierFirstThenTheNext) {
  TestWorld w;
  w.strategy("priority");
  (*w.regions)[eu].priority = 2, (*w.regions)[us].priority = 1, (*w.regions)[ap].priority = 2;
  EXPECT_EQ(shares(w, 300)[us], 300);
  w.states.of[us].healthy = false;
  const auto s = shares(w, 10'000);
  EXPECT_NEAR(s[eu], 5'000, 300);
  EXPECT_NEAR(s[ap], 5'000, 300);
}

TEST(Priority, TheRunnerUpOfALoneFirstIsInTheNextTier) {
  TestWorld w;
  w.strategy("priority");
  (*w.regions)[eu].priority = 3, (*w.regions)[us].priority = -1, (*w.regions)[ap].priority = 2;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, us);
  EXPECT_EQ(d.runner_up, ap);
  EXPECT_EQ(d.reason, Reason::priority);
}

TEST(Priority, InsideATierWeightDecidesTheShares) {
  TestWorld w;
  w.strategy("priority");
  (*w.regions)[eu].weight = 75, (*w.regions)[us].weight = 25, (*w.regions)[ap].weight = 0;
  const auto s = shares(w, 10'000);
  EXPECT_NEAR(s[eu], 7'500, 300);
  EXPECT_EQ(s[ap], 0);
}

TEST(Priority, ATierWithoutWeightIsPassedOver) {
  TestWorld w;
  w.strategy("priority");
  (*w.regions)[eu].weight = 0;
  (*w.regions)[us].priority = (*w.regions)[ap].priority = 2;
  EXPECT_EQ(shares(w, 200)[eu], 0);
}

}  // namespace
}  // namespace rhumb::decision
