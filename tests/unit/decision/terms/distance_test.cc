// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(Distance, IsOneAtTheDoorAndZeroAtTheAntipode) {
  TestWorld w;
  w.at(50.1, 8.7, "DE");
  EXPECT_NEAR(value(TermIndex::distance, w, TestWorld::eu), 1.0, 1e-9);
  w.at(-50.1, 8.7 - 180, "NZ");
  EXPECT_NEAR(value(TermIndex::distance, w, TestWorld::eu), 0.0, 1e-3);
}

TEST(Distance, IsNeutralWhenAPointIsMissing) {
  TestWorld w;
  w.facts.where.has_point = false;
  EXPECT_EQ(value(TermIndex::distance, w, TestWorld::eu), 0.5);
  w.at_berlin();
  (*w.regions)[TestWorld::eu].has_point = false;
  EXPECT_EQ(value(TermIndex::distance, w, TestWorld::eu), 0.5);
}

TEST(Distance, AVaguePositionSaysLess) {
  TestWorld w;
  const double sure = value(TermIndex::distance, w, TestWorld::eu);
  w.facts.where.accuracy_km = 1000;
  EXPECT_NEAR(value(TermIndex::distance, w, TestWorld::eu) - 0.5, (sure - 0.5) / 2, 1e-9);
}

}  // namespace
}  // namespace rhumb::decision
