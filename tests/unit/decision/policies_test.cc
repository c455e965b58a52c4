// SPDX-License-Identifier: Apache-2.0
#include "decision/policies.h"

#include <gtest/gtest.h>

#include <cmath>

#include "config/load.h"

namespace rhumb::decision {
namespace {

Policies compiled_text(const std::string& text) {
  const config::Loaded loaded = config::load_text(text, "test.yaml");
  EXPECT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  return compile_policies(loaded.spec);
}

Policies compiled(const std::string& more) {
  return compiled_text(
      R"(listeners: [{name: web, address: "127.0.0.1:0"}]
regions:
  - {name: eu, location: {latitude: 50, longitude: 8, country: DE}, endpoints: ["127.0.0.1:1"], weight: 40, backup: [us], max_latency: 80ms}
  - {name: us, location: {latitude: 38, longitude: -77, country: US}, endpoints: ["127.0.0.1:2"], weight: 80, price: 0.5, dial: 50%, max_requests: 9}
)" + more);
}

TEST(Policies, HoldWhatTheFileSaysOfItsRegions) {
  const Policies policies = compiled("");
  ASSERT_EQ(policies.regions->size(), 2u);
  const Region &eu = (*policies.regions)[0], &us = (*policies.regions)[1];
  EXPECT_EQ(eu.backup, std::vector<RegionIndex>{1});
  EXPECT_EQ(eu.max_latency, base::Millis(80));
  EXPECT_EQ(us.dial, 0.5);
  EXPECT_EQ(us.price, 0.5);
  EXPECT_TRUE(std::isnan(eu.price));
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
  EXPECT_EQ(policies.routes[1].policy.max_price, 0.5);
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

TEST(Policies, HoldTheTermsOfTheOperatorBySlot) {
  const Policies policies = compiled_text(
      "listeners: [{name: web, address: \"127.0.0.1:0\"}]\n"
      "regions: [{name: eu, endpoints: [\"127.0.0.1:1\"], numbers: {spare: 12}}]\n"
      "terms:\n"
      "  - {name: carbon, unit: g, normalise: {half: 300}}\n"
      "  - {name: spare, from: \"header:X-Spare\", normalise: {max: 50}, lower_wins: false}\n"
      "routes: [{name: a, score: {spare: 0.3}}]\n");
  const Policy& policy = policies.routes.at(0).policy;
  ASSERT_EQ(policy.numbers.size(), 2u);
  EXPECT_EQ(policy.numbers[0].unit, "g");
  EXPECT_EQ(policy.numbers[0].scale, 300);
  EXPECT_EQ(policy.numbers[1].normaliser, Normaliser::max);
  EXPECT_FALSE(policy.numbers[1].lower_wins);
  EXPECT_EQ(policy.weights[kBuiltInTerms], 0);
  EXPECT_EQ(policy.weights[kBuiltInTerms + 1], 0.3);
  EXPECT_EQ((*policies.regions)[0].numbers[1], 12);
  EXPECT_TRUE(std::isnan((*policies.regions)[0].numbers[0]));
}

}  // namespace
}  // namespace rhumb::decision
