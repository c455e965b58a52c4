// SPDX-License-Identifier: Apache-2.0
#include "decision/draw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace rhumb::decision {
namespace {

constexpr int kDraws = 20'000;

TEST(Draw, IsEvenlySpreadEvenOverConsecutiveDraws) {
  std::vector<int> tenths(10);
  for (uint64_t draw = 0; draw < kDraws; ++draw) ++tenths[static_cast<size_t>(unit_draw(draw, DrawUse::dial, 3) * 10)];
  for (const int count : tenths) EXPECT_NEAR(count, kDraws / 10, 250);
}

TEST(Draw, UsesAndRegionsDoNotFollowEachOther) {
  const auto correlation = [](auto&& a, auto&& b) {
    double sum = 0;
    for (uint64_t draw = 0; draw < kDraws; ++draw) sum += (a(draw) - 0.5) * (b(draw) - 0.5);
    return sum / kDraws * 12;  // the variance of one is 1/12
  };
  const auto of = [](DrawUse use, RegionIndex region) {
    return [=](uint64_t draw) { return unit_draw(draw, use, region); };
  };
  EXPECT_GT(correlation(of(DrawUse::dial, 0), of(DrawUse::dial, 0)), 0.95);
  EXPECT_NEAR(correlation(of(DrawUse::dial, 0), of(DrawUse::dial, 1)), 0, 0.04);
  EXPECT_NEAR(correlation(of(DrawUse::dial, 63), of(DrawUse::weighted, 0)), 0, 0.04);
  EXPECT_NEAR(correlation(of(DrawUse::weighted, 5), of(DrawUse::explore, 0)), 0, 0.04);
}

TEST(Draw, IsTheSameNumberEveryTime) { EXPECT_EQ(unit_draw(42, DrawUse::explore), unit_draw(42, DrawUse::explore, 0)); }

}  // namespace
}  // namespace rhumb::decision
