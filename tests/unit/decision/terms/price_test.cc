// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;
using testing::value;

TEST(Price, IsRelativeToTheDearest) {
  TestWorld w;
  (*w.regions)[0].price = 30, (*w.regions)[1].price = 120, (*w.regions)[2].price = 0;
  w.policy.max_price = 120;
  EXPECT_DOUBLE_EQ(value(TermIndex::price, w, 0), 0.75);
  EXPECT_DOUBLE_EQ(value(TermIndex::price, w, 1), 0);
  EXPECT_DOUBLE_EQ(value(TermIndex::price, w, 2), 1);
}

TEST(Price, SaysNothingOfARegionWithoutOne) {
  TestWorld w;
  w.policy.max_price = 120;
  EXPECT_DOUBLE_EQ(value(TermIndex::price, w, 0), kNeutral);
}

TEST(Price, OfRegionsThatAllCostNothingIsTheBest) {
  TestWorld w;
  w.policy.max_price = 0;
  (*w.regions)[0].price = 0;
  EXPECT_DOUBLE_EQ(value(TermIndex::price, w, 0), 1);
}

}  // namespace
}  // namespace rhumb::decision
