// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

TEST(Score, WeighsItsTerms) {
  TestWorld w;
  w.rtt(eu, 900), w.rtt(us, 5), w.rtt(ap, 900);
  EXPECT_EQ(w.decide().winner, us) << "fast beats near with these weights";
  w.policy.weights[static_cast<size_t>(TermIndex::latency)] = 0.01;
  EXPECT_EQ(w.decide().winner, eu);
}

TEST(Score, EqualScoresGoToTheFirstOfTheFile) {
  TestWorld w;
  for (Region& region : *w.regions) region.at = (*w.regions)[eu].at;
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().runner_up, us);
}

TEST(Score, AnExplorationThatChangesNothingIsNone) {
  TestWorld w;
  w.policy.exploration = 1;
  EXPECT_EQ(w.decide().reason, Reason::best_score);
}

TEST(Score, ExploringNamesWhoWouldHaveWon) {
  TestWorld w;
  w.policy.exploration = 1;
  w.rtt(eu, 2000), w.rtt(us, 1), w.rtt(ap, 2000);
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, eu);
  EXPECT_EQ(d.runner_up, us);
  EXPECT_EQ(d.reason, Reason::exploration);
}

}  // namespace
}  // namespace rhumb::decision
