// SPDX-License-Identifier: Apache-2.0
#include "decision/region.h"

#include <gtest/gtest.h>

namespace rhumb::decision {
namespace {

TEST(Unmeasured, EverythingIsUpAndHasItsConfiguredDial) {
  Regions regions(2);
  regions[1].dial = 0.25;
  const RegionStates states = unmeasured(regions);
  ASSERT_EQ(states.of.size(), 2u);
  for (const RegionState& state : states.of) {
    EXPECT_TRUE(state.healthy && !state.draining);
    EXPECT_EQ(state.rtt.count(), 0);
  }
  EXPECT_EQ(states.of[0].dial, 1);
  EXPECT_EQ(states.of[1].dial, 0.25);
}

}  // namespace
}  // namespace rhumb::decision
