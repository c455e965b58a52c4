// SPDX-License-Identifier: Apache-2.0
#include "decision/policies.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace rhumb::decision {
namespace {

Policies compiled(const std::string& more) {
  const config::Loaded loaded = config::load_text(
      R"(listeners: [{name: web, address: "127.0.0.1:0"}]
regions:
  - {name: eu, location: {latitude: 50, longitude: 8, country: DE}, endpoints: ["127.0.0.1:1"], weight: 40, backup: [us], max_latency: 80ms}
  - {name: us, location: {latitude: 38, longitude: -77, country: US}, endpoints: ["127.0.0.1:2"], weight: 80, dial: 50%, max_requests: 9}
)" + more,
      "test.yaml");
  EXPECT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  return compile_policies(loaded.spec);
}

TEST(Policies, HoldWhatTheFileSaysOfItsRegions) {
  const Policies policies = compiled("");
  ASSERT_EQ(policies.regions->size(), 2u);
  const Region &eu = (*policies.regions)[0], &us = (*policies.regions)[1];
  EXPECT_EQ(eu.backup, std::vector<RegionIndex>{1});
  EXPECT_EQ(eu.max_latency, base::Millis(80));
  EXPECT_EQ(us.dial, 0.5);
  EXPECT_EQ(us.max_requests, 9u);
  EXPECT_EQ(policies.find_region("us"), 1);
  EXPECT_EQ(policies.find_region("moon"), kNoRegion);
}

TEST(Policies, HaveOneForEachRouteInTheFilesOrder) {
  const Policies policies = compiled(
      "routes:\n  - {name: a, match: {path: /a}, strategy: priority, regions: [us]}\n  - {name: b, score: {latency: "
      "3}}\n");
  ASSERT_EQ(policies.routes.size(), 2u);
  EXPECT_EQ(policies.routes[0].name, "a");
  EXPECT_EQ(policies.routes[0].policy.strategy, find_strategy("priority"));
  EXPECT_EQ(policies.routes[0].policy.allowed, 0b10u);
  EXPECT_EQ(policies.routes[1].policy.weights[static_cast<size_t>(TermIndex::latency)], 3);
  EXPECT_EQ(policies.routes[1].policy.weights[static_cast<size_t>(TermIndex::distance)], 0);
  EXPECT_EQ(policies.routes[1].policy.max_weight, 80);
}

TEST(Policies, ShareFenceCountriesAndDefault) {
  const Policies policies = compiled(
      "geo: {countries: {US: us, GB: eu}, default_region: us}\n"
      "fence: [{countries: [DE, FR], tenants: [acme], regions: [eu]}, {tenants: [initech], regions: [us]}]\n");
  const Policy& policy = policies.routes.at(0).policy;
  EXPECT_EQ(policy.default_region, 1);
  ASSERT_EQ(policy.countries.size(), 2u);
  EXPECT_EQ(policy.countries[0].first.view(), "GB") << "sorted, for the search";
  RequestFacts facts;
  facts.where.country = geo::Country::of("FR");
  EXPECT_EQ(policy.fence->candidates(facts).size(), 2u);
  facts.tenant = tenant_key("acme");
  EXPECT_EQ(policy.fence->candidates(facts).first(), 0);
  facts.tenant = tenant_key("initech");
  EXPECT_EQ(policy.fence->candidates(facts).first(), 1);
}

}  // namespace
}  // namespace rhumb::decision
