// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(Weight, IsRelativeToTheLargest) {
  TestWorld w;
  (*w.regions)[0].weight = 25;
  EXPECT_DOUBLE_EQ(value(TermIndex::weight, w, 0), 0.25);
  w.policy.max_weight = 0;
  EXPECT_EQ(value(TermIndex::weight, w, 0), 0.0);
}

}  // namespace
}  // namespace rhumb::decision
