// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

Loaded with(const std::string& more) { return testing::load_with("routes:\n  - {name: a, " + more + "}\n"); }
std::vector<int> codes_for(const std::string& more) { return testing::codes(with(more).diagnostics); }

TEST(LoadRoutes, MakesOneThatTakesAllWhenNoneIsGiven) {
  for (const char* more : {"", "routes: []\n"}) {
    const Loaded loaded = testing::load_with(more);
    ASSERT_TRUE(loaded.ok());
    ASSERT_THAT(loaded.spec.routes, SizeIs(1));
    EXPECT_EQ(loaded.spec.routes[0].name, "default");
    EXPECT_THAT(loaded.spec.routes[0].match.hosts, IsEmpty());
    EXPECT_THAT(loaded.spec.routes[0].regions, ElementsAre("eu-west", "us-east"));
  }
}

TEST(LoadRoutes, NeedsNamesOfTheirOwn) {
  EXPECT_THAT(testing::codes_with("routes: [{name: a}, {name: a}]\n"), ElementsAre(code::kDuplicateName));
  EXPECT_THAT(testing::codes_with("routes: [{}]\n"), ElementsAre(code::kMissingKey));
}

TEST(LoadRoutes, ReadsTheKeyOfASplit) {
  EXPECT_EQ(with("split: {percent: 5%, key: \"header:X-User\"}").spec.routes[0].split_key, "header:x-user");
  EXPECT_EQ(with("split: {key: \"cookie:User\"}").spec.routes[0].split_key, "cookie:User");
  EXPECT_EQ(with("split: {key: request_id}").spec.routes[0].split_key, "request_id");
  for (const char* key : {"", "ip", "header", "header:", "header:a b", "cookie:", "client_ip:x", "query:a"}) {
    EXPECT_THAT(codes_for(std::string("split: {key: \"") + key + "\"}"), ElementsAre(code::kKey)) << key;
  }
  EXPECT_THAT(codes_for("split: {percent: 101%}"), ElementsAre(code::kRange));
}

TEST(LoadRoutes, WeighsOnlyTheTermsThatAreNamed) {
  const auto score = with("score: {latency: 2}").spec.routes[0].score;
  EXPECT_THAT(score, ::testing::Contains(Pair("distance", 0)));
  for (const auto& [term, weight] : score) EXPECT_EQ(weight, term == "latency" ? 2 : term == "bias" ? 1 : 0) << term;
}

TEST(LoadRoutes, RefusesAScoreThatDecidesNothing) {
  EXPECT_THAT(codes_for("score: {}"), ElementsAre(code::kNoWeight));
  EXPECT_THAT(codes_for("score: {distance: 0}"), ElementsAre(code::kNoWeight));
  EXPECT_THAT(codes_for("score: {distance: 0, latency: 0, weight: 0, bias: 0, load: 0}"), ElementsAre(code::kNoWeight));
  EXPECT_THAT(codes_for("score: {bias: 1}"), IsEmpty());
  EXPECT_THAT(codes_for("score: {distance: 0}, strategy: latency"), IsEmpty());
  EXPECT_THAT(codes_for("score: {latency: -1}"), ::testing::Contains(code::kRange));
}

TEST(LoadRoutes, SuggestsTheTermThatWasMeant) {
  const Diagnostic d = with("score: {latency: 1, distnace: 1}").diagnostics.sorted().at(0);
  EXPECT_EQ(d.code, code::kUnknownKey);
  EXPECT_EQ(d.hint, "did you mean 'distance'?");
}

TEST(LoadRoutes, BindsClientsOnlyWhenAsked) {
  EXPECT_FALSE(with("websocket: true").spec.routes[0].affinity);
  EXPECT_TRUE(with("affinity: {}").spec.routes[0].affinity);
  EXPECT_TRUE(with("affinity: {key: cookie}").spec.routes[0].affinity);
  EXPECT_FALSE(with("affinity: {key: none}").spec.routes[0].affinity);
}

TEST(LoadRoutes, ReadsFiltersAsNamesWithAndWithoutOptions) {
  const Loaded loaded = with("filters: [request_id, {ip_acl: {deny: []}}, {methods: }]");
  ASSERT_TRUE(loaded.ok()) << testing::rendered(loaded);
  const std::vector<FilterSpec>& filters = loaded.spec.routes[0].filters;
  ASSERT_THAT(filters, SizeIs(3));
  EXPECT_EQ(filters[0].name, "request_id");
  EXPECT_EQ(filters[0].options, nullptr);
  EXPECT_EQ(filters[0].path, "routes[0].filters[0].request_id");
  EXPECT_EQ(filters[1].name, "ip_acl");
  EXPECT_NE(filters[1].options->find("deny"), nullptr);
  EXPECT_GT(filters[1].place.column, 1u);
  EXPECT_EQ(filters[2].options, nullptr);
}

TEST(LoadRoutes, RefusesEntriesThatAreNotOneFilter) {
  for (const char* item : {"{a: {}, b: {}}", "{}", "[a]", "~", "\"\""}) {
    EXPECT_THAT(codes_for(std::string("filters: [") + item + "]"), ElementsAre(code::kFilterEntry)) << item;
  }
  EXPECT_THAT(codes_for("filters: {ip_acl: {}}"), ElementsAre(code::kWrongKind));
}

TEST(LoadRoutes, KeepsNumbersInRange) {
  for (const char* more : {"retry: {tries: 0}", "retry: {tries: 11}", "retry: {budget: 101%}", "timeouts: {tunnel: 0s}",
                           "timeouts: {response_head: 2d}"}) {
    EXPECT_THAT(codes_for(more), ElementsAre(code::kRange)) << more;
  }
}

TEST(LoadRoutes, LeavesTheBodyTimeoutToTheListenerUnlessGiven) {
  EXPECT_FALSE(with("websocket: true").spec.routes[0].request_body);
  EXPECT_EQ(with("timeouts: {request_body: 5s}").spec.routes[0].request_body, base::Seconds(5));
}

}  // namespace
}  // namespace rhumb::config
