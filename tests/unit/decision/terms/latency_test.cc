// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(Latency, IsAHalfAtAHundredMillisecondsAndFallsWithMore) {
  TestWorld w;
  w.rtt(0, 100);
  EXPECT_DOUBLE_EQ(value(TermIndex::latency, w, 0), 0.5);
  w.rtt(0, 300);
  EXPECT_DOUBLE_EQ(value(TermIndex::latency, w, 0), 0.25);
}

TEST(Latency, IsNeutralUntilMeasured) {
  TestWorld w;
  EXPECT_EQ(value(TermIndex::latency, w, 0), 0.5);
}

}  // namespace
}  // namespace rhumb::decision
