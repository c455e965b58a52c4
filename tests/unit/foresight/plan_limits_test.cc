// SPDX-License-Identifier: Apache-2.0
#include "foresight/plan_limits.h"

#include <gtest/gtest.h>

namespace rhumb::foresight {
namespace {

/// 14 % of the clients move, half a percent of the requests is lost, and us is at 104 % of its limit.
PlanReport moving() {
  PlanReport report;
  report.requests = {1000, 120};
  report.clients = {50, 7};
  report.no_route = 3, report.denied = 2;
  report.regions = {{"eu", 620, 500, 62, 50, 0}, {"us", 380, 495, 40, 52, 50}, {"ap", 0, 0, 900, 0, 900}};
  return report;
}

TEST(PlanLimits, WithoutOneNothingIsTooMuch) {
  EXPECT_FALSE(PlanLimits().any());
  EXPECT_EQ(excess(moving(), {}), "");
}

TEST(PlanLimits, EachIsHeldAgainstItsShare) {
  EXPECT_EQ(excess(moving(), {.moved = 0.14, .lost = 0.005, .load = 1.04}), "") << "just as much as may be";
  EXPECT_EQ(excess(moving(), {.moved = 0.1}), "14.00 % would move, and at most 10 % may\n");
  EXPECT_EQ(excess(moving(), {.lost = 0}),
            "0.50 % of the requests would be served by nobody any more, and at most 0 % may\n");
  EXPECT_EQ(excess(moving(), {.load = 0.8}), "us would be at 104.0 % of its max_requests, and at most 80 % may be\n");
}

TEST(PlanLimits, AllThatIsTooMuchIsSaid) {
  const std::string all = excess(moving(), {.moved = 0, .lost = 0, .load = 0});
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3) << all;
}

TEST(PlanLimits, OfTwoTheTighterHolds) {
  PlanLimits limits{.moved = 0.5, .lost = 0.1};
  limits.tighten({.moved = 0.02, .lost = 0.2, .load = 1});
  EXPECT_EQ(limits.moved, 0.02);
  EXPECT_EQ(limits.lost, 0.1);
  EXPECT_EQ(limits.load, 1);
  limits.tighten({});
  EXPECT_EQ(limits.moved, 0.02);
}

TEST(PlanLimits, AreReadAsShares) {
  for (const PlanLimit& limit : kPlanLimits) {
    PlanLimits to;
    EXPECT_TRUE(take_limit(limit, "2%", to)) << limit.name;
    EXPECT_EQ(to.*limit.member, 0.02) << limit.name;
    for (const char* bad : {"2", "", "much", "-1%", "1001%"}) EXPECT_FALSE(take_limit(limit, bad, to)) << bad;
    EXPECT_EQ(to.*limit.member, 0.02) << "as it was";
  }
  PlanLimits to;
  EXPECT_FALSE(take_limit(kPlanLimits[0], "101%", to)) << "of a whole";
  EXPECT_TRUE(take_limit(kPlanLimits[2], "150%", to)) << "of a limit";
}

}  // namespace
}  // namespace rhumb::foresight
