// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(Bias, IsAHundredthEachAndBounded) {
  TestWorld w;
  (*w.regions)[0].bias = -50;
  EXPECT_DOUBLE_EQ(value(TermIndex::bias, w, 0), -0.5);
  (*w.regions)[0].bias = 400;
  EXPECT_DOUBLE_EQ(value(TermIndex::bias, w, 0), 0.99);
}

}  // namespace
}  // namespace rhumb::decision
