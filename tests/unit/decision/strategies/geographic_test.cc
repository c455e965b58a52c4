// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

TEST(Geographic, TakesTheNearestWhateverElse) {
  TestWorld w;
  w.strategy("geographic");
  w.rtt(eu, 900), w.rtt(us, 1);
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().reason, Reason::nearest);
  w.at(-6.2, 106.8, "ID");
  EXPECT_EQ(w.decide().winner, ap);
}

TEST(Geographic, EquallyFarGoesToTheFirstOfTheFile) {
  TestWorld w;
  w.strategy("geographic");
  (*w.regions)[us].at = (*w.regions)[eu].at;
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().runner_up, us);
}

TEST(Geographic, ARegionWithoutAPlaceIsNobodysNearest) {
  TestWorld w;
  w.strategy("geographic");
  (*w.regions)[eu].has_point = false;
  w.at(-50.1, -171.3, "NZ");
  EXPECT_NE(w.decide().winner, eu);
  EXPECT_NE(w.decide().runner_up, eu);
}

}  // namespace
}  // namespace rhumb::decision
