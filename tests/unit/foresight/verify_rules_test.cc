// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_rules.h"

#include <gmock/gmock.h>

#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

using ::testing::HasSubstr;
using testing::refuted;
using testing::three_regions;

const std::string kStays = "assert: [{name: r, rule: stays_in, countries: [DE], regions: [eu], down: 1}]\n";

TEST(StaysIn, IsRefutedByTheFewestFailures) {
  const auto found = refuted(three_regions() + kStays);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0b001u);
  EXPECT_EQ(found->route, "default");
  EXPECT_EQ(found->facts.where.country, geo::Country::of("DE"));
  EXPECT_FALSE(found->states.of[0].healthy);
  EXPECT_TRUE(found->states.of[1].healthy);
}

TEST(StaysIn, HoldsBehindAFence) {
  EXPECT_FALSE(refuted(three_regions() + "fence: [{countries: [DE], regions: [eu]}]\n" + kStays));
  EXPECT_TRUE(refuted(three_regions() + "fence: [{countries: [DE], regions: [eu, ap]}]\n" + kStays));
}

TEST(StaysIn, IsAboutSessionsWhereARouteKeepsThem) {
  const std::string rule = "assert: [{name: r, rule: stays_in, countries: [DE], regions: [eu], down: 0}]\n";
  EXPECT_FALSE(refuted(three_regions() + rule));
  const auto found = refuted(three_regions() + "routes: [{name: web, affinity: {key: cookie}}]\n" + rule);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->facts.preference.region, 1);
  EXPECT_THAT(found->found, HasSubstr("session"));
  EXPECT_FALSE(refuted(three_regions() + "fence: [{countries: [DE], regions: [eu]}]\n" +
                       "routes: [{name: web, affinity: {key: cookie}}]\n" + rule));
}

TEST(StaysIn, IsAboutItsTenantsAndRoutesAlone) {
  const std::string routes = "routes: [{name: in, match: {path: /in}, regions: [eu]}, {name: out}]\n";
  const std::string rule = "assert: [{name: r, rule: stays_in, regions: [eu], down: 3";
  EXPECT_FALSE(refuted(three_regions() + routes + rule + ", routes: [in]}]\n"));
  const auto found = refuted(three_regions() + routes + rule + "}]\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->route, "out");
  const std::string fence = "fence: [{tenants: [acme], regions: [eu]}]\n";
  EXPECT_FALSE(refuted(three_regions() + fence + rule + ", tenants: [acme]}]\n"));
  EXPECT_EQ(refuted(three_regions() + fence + rule + ", tenants: [acme, other]}]\n")->tenant, "other");
}

TEST(StaysIn, ShowsADrawThatReallyLeadsThere) {
  const auto found = refuted(three_regions({}, ", weight: 1") + "routes: [{name: web, strategy: weighted}]\n" +
                             "assert: [{name: r, rule: stays_in, regions: [eu, ap], down: 0}]\n");
  ASSERT_TRUE(found);
  std::vector<decision::Candidate> rows(3);
  EXPECT_EQ(decision::decide(found->policy, found->states, found->facts, found->draw, rows).winner, 1);
  EXPECT_EQ((*found->policy.regions)[1].weight, 1);
}

TEST(Served, HoldsUnlessAllThatMayAreDown) {
  const std::string rule = "assert: [{name: r, rule: served, down: 3}]\n";
  EXPECT_FALSE(refuted(three_regions() + rule));
  EXPECT_FALSE(refuted(three_regions() + "fence: [{countries: [DE], regions: [eu]}]\n" + rule));
  const auto closed = refuted(three_regions({}, {}, ", dial: 0%") + rule);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->down, 0b011u);
}

TEST(Served, IsRefutedWhereFenceAndRouteLeaveNothing) {
  const auto found = refuted(three_regions() + "fence: [{countries: [DE], regions: [eu]}]\n" +
                             "routes: [{name: web, regions: [us]}]\nassert: [{name: r, rule: served, down: 0}]\n");
  ASSERT_TRUE(found);
  EXPECT_THAT(found->found, HasSubstr("fence and route"));
}

TEST(Unmoved, IsRefutedByRoundRobinAlone) {
  const std::string rule = "assert: [{name: r, rule: unmoved, down: 2}]\n";
  for (const char* strategy : {"score", "latency", "geographic", "weighted", "priority"})
    EXPECT_FALSE(
        refuted(three_regions(", backup: [ap]") + "routes: [{name: web, strategy: " + strategy + "}]\n" + rule))
        << strategy;
  const auto found = refuted(three_regions() + "routes: [{name: web, strategy: round_robin}]\n" + rule);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->found, HasSubstr("with none down it is served by"));
}

TEST(RegionNames, AreListed) {
  const config::Spec spec = testing::listening_spec(three_regions());
  const auto policies = decision::compile_policies(spec);
  EXPECT_EQ(region_names(*policies.regions, 0b101), "eu, ap");
  EXPECT_EQ(region_names(*policies.regions, 0), "none");
  EXPECT_EQ(region_bits(policies, {"ap", "eu"}), 0b101u);
}

}  // namespace
}  // namespace rhumb::foresight
