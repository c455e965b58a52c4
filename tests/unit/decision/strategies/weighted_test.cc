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

TEST(Weighted, SharesInProportion) {
  TestWorld w;
  w.strategy("weighted");
  (*w.regions)[eu].weight = 60, (*w.regions)[us].weight = 30, (*w.regions)[ap].weight = 10;
  const auto s = shares(w, 20'000);
  EXPECT_NEAR(s[eu], 12'000, 400);
  EXPECT_NEAR(s[us], 6'000, 400);
  EXPECT_NEAR(s[ap], 2'000, 300);
}

TEST(Weighted, WeightZeroGetsNothingUnlessAllAreZero) {
  TestWorld w;
  w.strategy("weighted");
  (*w.regions)[eu].weight = 0;
  EXPECT_EQ(shares(w, 5'000)[eu], 0);
  (*w.regions)[us].weight = (*w.regions)[ap].weight = 0;
  EXPECT_NEAR(shares(w, 9'000)[eu], 3'000, 300);
}

TEST(Weighted, TheRunnerUpOfTheOnlyWeightIsAmongTheOthers) {
  TestWorld w;
  w.strategy("weighted");
  (*w.regions)[eu].weight = (*w.regions)[ap].weight = 0;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, us);
  EXPECT_TRUE(d.runner_up == eu || d.runner_up == ap);
}

}  // namespace
}  // namespace rhumb::decision
