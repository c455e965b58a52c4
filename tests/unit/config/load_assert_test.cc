// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_with;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::load_with;
using ::testing::Pair;

std::vector<AssertSpec> rules_of(const std::string& list) {
  const Loaded loaded = load_with("assert:\n" + list);
  EXPECT_TRUE(loaded.ok()) << render(loaded.diagnostics, loaded.sources);
  return loaded.spec.asserts;
}

TEST(LoadAssert, IsEmptyUnlessGiven) { EXPECT_THAT(load_with("").spec.asserts, IsEmpty()); }

TEST(LoadAssert, ReadsWhoseRequestsARuleIsAbout) {
  const auto rules = rules_of(
      "  - {name: a, rule: stays_in, countries: [DE, FR], tenants: [acme], regions: [eu-west], down: 2}\n"
      "  - {name: b, rule: served}\n");
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].rule, AssertSpec::Rule::stays_in);
  EXPECT_THAT(rules[0].countries, ElementsAre("DE", "FR"));
  EXPECT_THAT(rules[0].tenants, ElementsAre("acme"));
  EXPECT_THAT(rules[0].regions, ElementsAre("eu-west"));
  EXPECT_EQ(rules[0].down, 2u);
  EXPECT_EQ(rules[0].place.line != 0, true);
  EXPECT_EQ(rules[1].rule, AssertSpec::Rule::served);
  EXPECT_EQ(rules[1].down, 1u);
}

TEST(LoadAssert, LooksAtTheRegionsThatHaveALimitUnlessTold) {
  const Loaded loaded = load_text(
      "listeners: [{name: web, address: \"127.0.0.1:0\"}]\n"
      "regions:\n"
      "  - {name: a, location: {latitude: 1, longitude: 1}, endpoints: [\"127.0.0.1:1\"], max_requests: 7}\n"
      "  - {name: b, location: {latitude: 2, longitude: 2}, endpoints: [\"127.0.0.1:2\"]}\n"
      "assert: [{name: r, rule: max_load, share: 80%, requests: 12, spread: {DE: 2, FR: 1}}]\n",
      "test.yaml");
  ASSERT_TRUE(loaded.ok()) << render(loaded.diagnostics, loaded.sources);
  const AssertSpec& rule = loaded.spec.asserts.at(0);
  EXPECT_THAT(rule.regions, ElementsAre("a"));
  EXPECT_EQ(rule.share, 0.8);
  EXPECT_EQ(rule.requests, 12u);
  EXPECT_THAT(rule.spread, ElementsAre(Pair("DE", 2.0), Pair("FR", 1.0)));
}

TEST(LoadAssert, RefusesWhatCannotBeMeant) {
  EXPECT_THAT(codes_with("assert: [{name: a, rule: stays_in, regions: []}]\n"), ElementsAre(code::kEmpty));
  EXPECT_THAT(codes_with("assert: [{name: a, rule: stays}]\n"), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(codes_with("assert: [{name: a, rule: served, share: 5%}]\n"), ElementsAre(code::kRuleKey));
  EXPECT_THAT(codes_with("assert: [{name: a, rule: served, share: 100%, regions: [], spread: {}}]\n"), IsEmpty())
      << "defaults say nothing new";
  EXPECT_THAT(codes_with("assert: [{name: a, rule: no_oscillation, requests: 1, spread: {}}]\n"),
              ElementsAre(code::kNoClient));
  EXPECT_THAT(codes_with("assert: [{name: a, rule: served, down: many}]\n"), ElementsAre(code::kInteger));
  EXPECT_THAT(codes_with("assert: [{name: a, rule: max_load, requests: 1, spread: {DE: 1}}]\n"),
              ElementsAre(code::kNoCapacity));
  EXPECT_THAT(codes_with("assert: [{name: a, rule: served}, {name: a, rule: unmoved}]\n"),
              ElementsAre(code::kDuplicateName));
}

}  // namespace
}  // namespace rhumb::config
