// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(Load, CountsAgainstTheLimit) {
  TestWorld w;
  (*w.regions)[0].max_requests = 200;
  w.states.of[0].in_flight = 50;
  EXPECT_DOUBLE_EQ(value(TermIndex::load, w, 0), 0.75);
  w.states.of[0].in_flight = 500;
  EXPECT_EQ(value(TermIndex::load, w, 0), 0.0);
}

TEST(Load, WithoutALimitIsAHalfAtFifty) {
  TestWorld w;
  w.states.of[0].in_flight = 50;
  EXPECT_DOUBLE_EQ(value(TermIndex::load, w, 0), 0.5);
}

}  // namespace
}  // namespace rhumb::decision
