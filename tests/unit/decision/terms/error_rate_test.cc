// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(ErrorRate, CountsAgainstTheRegionByItsShare) {
  TestWorld w;
  EXPECT_DOUBLE_EQ(value(TermIndex::error_rate, w, 0), 1);
  w.states.of[0].error_rate = 0.25f;
  EXPECT_DOUBLE_EQ(value(TermIndex::error_rate, w, 0), 0.75);
  w.states.of[0].error_rate = 1;
  EXPECT_DOUBLE_EQ(value(TermIndex::error_rate, w, 0), 0);
}

TEST(ErrorRate, MovesTheWinnerOnlyWhenItWeighs) {
  TestWorld w;
  w.states.of[TestWorld::eu].error_rate = 0.5f;
  EXPECT_EQ(w.decide().winner, TestWorld::eu);
  w.policy.weights[static_cast<size_t>(TermIndex::error_rate)] = 2;
  EXPECT_EQ(w.decide().winner, TestWorld::us);
}

}  // namespace
}  // namespace rhumb::decision
