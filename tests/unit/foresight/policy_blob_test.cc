// SPDX-License-Identifier: Apache-2.0
#include "foresight/policy_blob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace rhumb::foresight {
namespace {

using ::testing::HasSubstr;

decision::Policies policies(const std::string& more = "") {
  const config::Loaded loaded = config::load_text(
      R"(listeners: [{name: web, address: "127.0.0.1:0"}]
geo: {countries: {US: us}, default_region: us}
latency: {exploration: 3%}
regions:
  - {name: eu, location: {latitude: 50.1, longitude: 8.7, country: DE}, endpoints: ["127.0.0.1:1"], backup: [us], bias: 7, max_latency: 80ms}
  - {name: us, location: {latitude: 38.9, longitude: -77.5}, endpoints: ["127.0.0.1:2"], dial: 50%, priority: 3, max_requests: 9, weight: 30, price: 1.5, numbers: {queue: 40}}
terms: [{name: carbon, unit: g, normalise: {half: 300}}, {name: queue, from: "header:X-Queue", normalise: {max: 50}, lower_wins: false}]
routes: [{name: a, match: {path: /a}, strategy: priority, regions: [us], panic: false}, {name: b, score: {latency: 3, queue: 0.5}}]
)" + more,
      "test.yaml");
  EXPECT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  return decision::compile_policies(loaded.spec);
}

TEST(PolicyBlob, GivesTheSamePoliciesBack) {
  const std::string bytes = pack_policies(policies("fence: [{countries: [DE], tenants: [acme], regions: [eu]}]\n"));
  const auto back = unpack_policies(bytes);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(pack_policies(*back), bytes);
  EXPECT_EQ(back->regions->at(1).name, "us");
  EXPECT_EQ(back->regions->at(1).dial, 0.5);
  EXPECT_EQ(back->regions->at(1).price, 1.5);
  const decision::Policy& policy = back->routes.at(1).policy;
  EXPECT_EQ(policy.max_price, 1.5);
  ASSERT_EQ(policy.numbers.size(), 2u);
  EXPECT_EQ(policy.numbers[0].unit, "g");
  EXPECT_EQ(policy.numbers[1].normaliser, decision::Normaliser::max);
  EXPECT_EQ(policy.numbers[1].scale, 50);
  EXPECT_FALSE(policy.numbers[1].lower_wins);
  EXPECT_EQ(policy.weights[decision::find_term(policy, "queue")], 0.5);
  EXPECT_EQ(back->regions->at(1).numbers[1], 40);
  EXPECT_EQ(back->routes.at(0).policy.strategy, decision::find_strategy("priority"));
  EXPECT_FALSE(back->routes.at(0).policy.panic);
  EXPECT_TRUE(back->routes.at(1).policy.panic);
  EXPECT_EQ(back->routes.at(1).policy.exploration, 0.03);
  EXPECT_EQ(back->routes.at(1).policy.fence->rules().size(), 1u);
}

TEST(PolicyBlob, HasANameOfItsContent) {
  EXPECT_EQ(policies_id(pack_policies(policies())), policies_id(pack_policies(policies())));
  EXPECT_NE(policies_id(pack_policies(policies())),
            policies_id(pack_policies(policies("fence: [{countries: [DE], regions: [eu]}]\n"))));
}

TEST(PolicyBlob, RefusesWhatIsNone) {
  EXPECT_THAT(unpack_policies("").error(), HasSubstr("no policies"));
  EXPECT_THAT(unpack_policies("GET / HTTP/1.1").error(), HasSubstr("no policies"));
  std::string bytes = pack_policies(policies());
  bytes[4] = 9;
  EXPECT_EQ(unpack_policies(bytes).error(), "policies of version 9; this binary reads version 2");
}

TEST(PolicyBlob, RefusesAStrategyOrTermItDoesNotHave) {
  std::string bytes = pack_policies(policies());
  std::string other = bytes;
  other.replace(other.find("priority"), 8, "prioritx");
  EXPECT_EQ(unpack_policies(other).error(), "the strategy 'prioritx' is not known here");
  other = bytes;
  other.replace(other.find("distance"), 8, "distancx");
  EXPECT_EQ(unpack_policies(other).error(), "the term 'distancx' is not known here");
  other = bytes;
  other.replace(other.rfind("carbon"), 6, "carbox");
  EXPECT_EQ(unpack_policies(other).error(), "the term 'carbox' is not known here");
}

TEST(PolicyBlob, RefusesEveryTruncation) {
  const std::string bytes = pack_policies(policies("fence: [{countries: [DE], regions: [eu]}]\n"));
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(unpack_policies(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(unpack_policies(bytes + "x"));
}

TEST(PolicyBlob, SurvivesEveryDamagedByte) {
  const std::string bytes = pack_policies(policies("fence: [{countries: [DE], regions: [eu]}]\n"));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    const auto back = unpack_policies(damaged);
    if (!back) continue;
    for (const auto& region : *back->regions)
      for (const auto backup : region.backup) EXPECT_LT(backup, back->regions->size()) << at;
    for (const auto& route : back->routes) EXPECT_LE(route.policy.numbers.size(), decision::kNumbers) << at;
  }
}

}  // namespace
}  // namespace rhumb::foresight
