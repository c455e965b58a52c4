// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_loads.h"

#include <gmock/gmock.h>

#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

using ::testing::HasSubstr;
using testing::refuted;
using testing::three_regions;

const std::string kLimit = ", max_requests: 100";

std::string load_rule(const std::string& more) { return "assert: [{name: r, rule: max_load, " + more + "}]\n"; }

TEST(MaxLoad, AddsUpWhatIsSentToARegion) {
  const std::string limits = three_regions(kLimit, kLimit, kLimit);
  const std::string spread = ", spread: {DE: 3, US: 1}, down: 0";
  EXPECT_FALSE(refuted(limits + load_rule("requests: 133" + spread)));
  const auto found = refuted(limits + load_rule("requests: 134" + spread));
  ASSERT_TRUE(found);
  EXPECT_THAT(found->expected, HasSubstr("eu"));
  EXPECT_EQ(found->facts.where.country, geo::Country::of("DE"));
  EXPECT_TRUE(refuted(limits + load_rule("requests: 133, share: 99%" + spread)));
}

TEST(MaxLoad, LooksAtWhoTakesOver) {
  const std::string limits = three_regions({}, kLimit, {});
  const std::string rest = "requests: 150, spread: {DE: 1, US: 1}, down: ";
  EXPECT_FALSE(refuted(limits + load_rule(rest + "0")));
  const auto found = refuted(three_regions(", backup: [us]", kLimit) + load_rule(rest + "1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0b001u);
}

TEST(MaxLoad, SharesDrawnRequestsByWeight) {
  const std::string route = "routes: [{name: web, strategy: weighted}]\n";
  const std::string limits = three_regions(", weight: 300", ", weight: 100" + kLimit, ", weight: 0");
  EXPECT_FALSE(refuted(limits + route + load_rule("requests: 340, spread: {DE: 1}, down: 0")));
  EXPECT_TRUE(refuted(limits + route + load_rule("requests: 460, spread: {DE: 1}, down: 0")));
}

std::string calm_rule(const std::string& more) {
  return "assert: [{name: r, rule: no_oscillation, spread: {DE: 1, US: 1}, " + more + "}]\n";
}

TEST(NoOscillation, HoldsWhereLoadSaysNothing) {
  EXPECT_FALSE(refuted(three_regions() + calm_rule("requests: 1000, down: 3")));
}

TEST(NoOscillation, IsRefutedByAHerd) {
  const std::string limits = three_regions(kLimit, kLimit, kLimit);
  const auto found =
      refuted(limits + "routes: [{name: web, score: {distance: 0.1, load: 1}}]\n" + calm_rule("requests: 150"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0u);
  EXPECT_THAT(found->found, HasSubstr("still moves"));
}

TEST(NoOscillation, IsRefutedByOneThatIsFullAndEmptyInTurn) {
  const auto found = refuted(three_regions(kLimit) + calm_rule("requests: 300"));
  ASSERT_TRUE(found);
  EXPECT_FALSE(refuted(three_regions(kLimit) + calm_rule("requests: 90")));
}

TEST(NoOscillation, LooksAtEveryFailure) {
  // Germany's requests fit into eu, and not into ap, where they go without it.
  const auto found = refuted(three_regions({}, {}, kLimit) + calm_rule("requests: 240"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0b001u);
}

}  // namespace
}  // namespace rhumb::foresight
