// SPDX-License-Identifier: Apache-2.0
#include "decision/strategy.h"

#include <gtest/gtest.h>

namespace rhumb::decision {
namespace {

TEST(Strategies, AreFoundByTheNamesOfTheConfiguration) {
  for (const char* name : {"score", "latency", "geographic", "weighted", "round_robin", "priority"}) {
    const StrategyType* type = find_strategy(name);
    ASSERT_NE(type, nullptr) << name;
    EXPECT_EQ(type->name, name);
  }
  EXPECT_EQ(find_strategy("random"), nullptr);
  EXPECT_EQ(strategies().size(), 6u);
}

}  // namespace
}  // namespace rhumb::decision
