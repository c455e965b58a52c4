// SPDX-License-Identifier: Apache-2.0
#include "proxy/compile.h"

#include <gtest/gtest.h>

#include "sessions/token.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

using testing::compile_text;

std::shared_ptr<const ConfigSnapshot> good(const std::string& text, admin::Registry* registry = nullptr,
                                           upstream::Meters* meters = nullptr) {
  const auto compiled = compile_text(text, registry, meters, 7);
  EXPECT_NE(compiled.snapshot, nullptr) << compiled.errors();
  return compiled.snapshot;
}

TEST(Compile, TheLeastFileBecomesASnapshotThatAnswersEverything) {
  admin::Registry registry(2);
  upstream::Meters meters(2);
  const auto snapshot = good(testing::kListener + testing::kTwoRegions, &registry, &meters);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->generation, 7u);
  ASSERT_EQ(snapshot->routes.size(), 1u);
  ASSERT_EQ(snapshot->backends.size(), 2u);
  EXPECT_EQ(snapshot->backends[0].meters, meters.of("eu"));
  EXPECT_EQ(snapshot->backends[1].key, sessions::region_key("us"));
  EXPECT_EQ(snapshot->backends[1].endpoint_keys[0], sessions::endpoint_key("127.0.0.1:9002"));
  EXPECT_NE(snapshot->gateway_chain, nullptr);
  EXPECT_FALSE(snapshot->spec.hash.empty());
}

TEST(Compile, CountersHaveARowAWorkerAndAColumnARegionAndOneForNone) {
  admin::Registry registry(2);
  const auto snapshot = good(testing::kListener + testing::kTwoRegions, &registry, nullptr);
  ASSERT_NE(snapshot, nullptr);
  const auto& cells = snapshot->routes[0].cells;
  ASSERT_EQ(cells.size(), 2u);
  ASSERT_EQ(cells[1].size(), 3u);
  EXPECT_EQ(cells[1][1], registry.route("default", "us")[1]);
  EXPECT_EQ(cells[0].back(), registry.route("default", "")[0]);
}

TEST(Compile, SealsAreCountedByTheSecretOfAKeyOverReloads) {
  admin::Registry registry(1);
  const auto seals = [&](const std::string& keys) {
    const auto snapshot =
        good(testing::kListener + testing::kTwoRegions + "sessions: {keys: [" + keys + "]}\n", &registry);
    return snapshot == nullptr ? std::vector<sessions::SealCount*>() : snapshot->seals;
  };
  const std::string one = "secret: 0123456789abcdef0123456789abcdef}",
                    two = "secret: fedcba9876543210fedcba9876543210}";
  const auto first = seals("{id: 1, " + one);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0]->take());
  const auto both = seals("{id: 2, " + two + ", {id: 1, " + one);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[1], first[0]);
  EXPECT_EQ(both[0]->sealed(), 0u);
  EXPECT_EQ(seals("{id: 7, " + one), first) << "another id does not make it another key";
  EXPECT_EQ(seals("{id: 1, " + two)[0], both[0]) << "nor does the same id make it the same";
  EXPECT_TRUE(good(testing::kListener + testing::kTwoRegions)->seals.empty()) << "a check seals nothing";
}

TEST(Compile, ListenersKeepTheirLimitsAndTimes) {
  const auto snapshot = good(
      "listeners:\n"
      "  - name: web\n"
      "    address: \"127.0.0.1:8080\"\n"
      "    backlog: 77\n"
      "    max_connections: 5\n"
      "    limits: {request_line: 1KiB, head: 2KiB, fields: 9}\n"
      "    timeouts: {request_head: 1s, request_body: 2s, keep_alive: 3s, write: 4s}\n"
      "    max_requests: 12\n" +
      testing::kTwoRegions);
  ASSERT_NE(snapshot, nullptr);
  const ListenerState& web = *snapshot->listeners[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.address.to_string(), "127.0.0.1:8080");
  EXPECT_EQ(web.backlog, 77);
  EXPECT_EQ(web.max_connections, 5u);
  EXPECT_EQ(web.limits.request_line, 1024u);
  EXPECT_EQ(web.limits.head, 2048u);
  EXPECT_EQ(web.limits.fields, 9u);
  EXPECT_EQ(web.request_head, base::Seconds(1));
  EXPECT_EQ(web.request_body, base::Seconds(2));
  EXPECT_EQ(web.keep_alive, base::Seconds(3));
  EXPECT_EQ(web.write, base::Seconds(4));
  EXPECT_EQ(web.max_requests, 12u);
}

TEST(Compile, RegionsKeepWhatDecidesAndHowTheyAreSpokenTo) {
  const auto snapshot =
      good(testing::kListener +
           "regions:\n"
           "  - name: eu\n"
           "    location: {latitude: 50.1, longitude: 8.7, country: DE}\n"
           "    weight: 30\n"
           "    priority: 2\n"
           "    bias: -5\n"
           "    max_latency: 200ms\n"
           "    dial: 25%\n"
           "    backup: [us]\n"
           "    endpoints: [\"127.0.0.1:9001\", \"127.0.0.1:9003\"]\n"
           "    balance: random\n"
           "    keep_alive: {idle: 3, idle_timeout: 7s, max_requests: 9, preconnect: 2}\n"
           "    timeouts: {connect: 123ms}\n"
           "  - {name: us, location: {latitude: 1, longitude: 2}, endpoints: [\"127.0.0.1:9002\"]}\n");
  ASSERT_NE(snapshot, nullptr);
  const decision::Region& eu = (*snapshot->regions)[0];
  EXPECT_EQ(eu.name, "eu");
  EXPECT_DOUBLE_EQ(eu.at.latitude, 50.1);
  EXPECT_TRUE(eu.has_point);
  EXPECT_EQ(eu.country.view(), "DE");
  EXPECT_EQ(eu.weight, 30);
  EXPECT_EQ(eu.priority, 2);
  EXPECT_EQ(eu.bias, -5);
  EXPECT_EQ(eu.max_latency, base::Millis(200));
  EXPECT_EQ(eu.backup, std::vector<decision::RegionIndex>{1});
  const RegionBackend& backend = snapshot->backends[0];
  EXPECT_EQ(backend.endpoints.size(), 2u);
  EXPECT_EQ(backend.balance, RegionBackend::Balance::random);
  EXPECT_EQ(backend.pool.idle, 3u);
  EXPECT_EQ(backend.pool.idle_timeout, base::Seconds(7));
  EXPECT_EQ(backend.pool.max_requests, 9u);
  EXPECT_EQ(backend.pool.preconnect, 2u);
  EXPECT_EQ(backend.connect, base::Millis(123));
  EXPECT_EQ(snapshot->backends[1].balance, RegionBackend::Balance::least_conn);
}

TEST(Compile, ARegionReadsTheHeadersOfTheTermsThatComeFromThem) {
  upstream::Meters meters(2);
  const auto compiled = testing::compile_text(testing::kListener + testing::kTwoRegions +
                                                  "terms: [{name: carbon, normalise: {half: 3}}, {name: queue, from: "
                                                  "\"header:X-Queue\", normalise: {max: 9}}]\n",
                                              nullptr, &meters);
  ASSERT_NE(compiled.snapshot, nullptr) << compiled.errors();
  const RegionBackend& eu = compiled.snapshot->backends[0];
  ASSERT_EQ(eu.announced.size(), 1u);
  EXPECT_EQ(eu.announced[0].slot, 1u);
  EXPECT_EQ(eu.announced[0].field, "x-queue");
  EXPECT_EQ(eu.announced[0].cells, meters.announced("eu", "x-queue"));
}

TEST(Compile, ARouteHasItsOwnPolicyAndTimes) {
  const auto snapshot = good(testing::kListener + testing::kTwoRegions +
                             "geo: {countries: {US: us, DE: eu}, default_region: us}\n"
                             "routes:\n"
                             "  - name: api\n"
                             "    match: {host: api.example.com}\n"
                             "    strategy: weighted\n"
                             "    regions: [us]\n"
                             "    affinity: {key: cookie}\n"
                             "    websocket: false\n"
                             "    geo_headers: true\n"
                             "    limits: {body: 3KiB}\n"
                             "    timeouts: {response_head: 1s, response_idle: 2s, request_body: 3s, tunnel: 4s}\n"
                             "    retry: {tries: 3, budget: 50%}\n"
                             "    filters: [{methods: {allow: [GET]}}]\n"
                             "  - {name: rest}\n");
  ASSERT_NE(snapshot, nullptr);
  const RouteState& api = snapshot->routes[0];
  EXPECT_EQ(api.policy.allowed, 0b10u);
  EXPECT_EQ(api.policy.strategy, decision::find_strategy("weighted"));
  EXPECT_EQ(api.policy.default_region, 1);
  ASSERT_EQ(api.policy.countries.size(), 2u);
  EXPECT_EQ(api.policy.countries[0].first.view(), "DE") << "sorted by code";
  EXPECT_EQ(api.policy.countries[0].second, 0);
  EXPECT_TRUE(api.affinity);
  EXPECT_FALSE(api.websocket);
  EXPECT_TRUE(api.geo_headers);
  EXPECT_EQ(api.max_body, 3072u);
  EXPECT_EQ(api.response_head, base::Seconds(1));
  EXPECT_EQ(api.response_idle, base::Seconds(2));
  EXPECT_EQ(api.request_body, base::Seconds(3));
  EXPECT_EQ(api.tunnel, base::Seconds(4));
  EXPECT_EQ(api.tries, 3u);
  EXPECT_DOUBLE_EQ(api.retry_budget, 0.5);
  EXPECT_EQ(api.chain->size(), 1u);
  const RouteState& rest = snapshot->routes[1];
  EXPECT_EQ(rest.policy.allowed, 0b11u);
  EXPECT_FALSE(rest.affinity);
  EXPECT_EQ(rest.request_body.count(), 0) << "the listener's";
}

TEST(Compile, WeightsOfTermsFollowTheFile) {
  const auto snapshot =
      good(testing::kListener + testing::kTwoRegions + "routes: [{name: a, score: {distance: 0.25, load: 0.75}}]\n");
  ASSERT_NE(snapshot, nullptr);
  for (size_t i = 0; i < decision::kTerms; ++i) {
    const double weight = snapshot->routes[0].policy.weights[i];
    if (decision::terms()[i]->name == "distance") {
      EXPECT_DOUBLE_EQ(weight, 0.25);
    } else if (decision::terms()[i]->name == "load") {
      EXPECT_DOUBLE_EQ(weight, 0.75);
    }
  }
}

TEST(Compile, APatternThatDoesNotCompileIsADiagnosticAtItsRoute) {
  const auto compiled = compile_text(testing::kListener + testing::kTwoRegions +
                                     "routes:\n"
                                     "  - {name: fine}\n"
                                     "  - {name: bad, match: {path_pattern: \"/a(\"}}\n");
  EXPECT_EQ(compiled.snapshot, nullptr);
  ASSERT_TRUE(compiled.loaded.diagnostics.has_errors());
  EXPECT_NE(compiled.errors().find("test.yaml:7:"), std::string::npos) << compiled.errors();
  EXPECT_NE(compiled.errors().find("[E0149]"), std::string::npos) << compiled.errors();
}

TEST(Compile, MoreRegionsThanASetHoldsAreADiagnosticAtTheLast) {
  std::string regions = "regions:\n";
  for (int i = 0; i < 65; ++i)
    regions +=
        "  - {name: r" + std::to_string(i) + ", location: {latitude: 1, longitude: 1}, endpoints: [\"127.0.0.1:1\"]}\n";
  const auto compiled = compile_text(testing::kListener + regions);
  EXPECT_EQ(compiled.snapshot, nullptr);
  EXPECT_NE(compiled.errors().find("test.yaml:67:12: error: 65 regions; at most 64 [E0162]"), std::string::npos)
      << compiled.errors();
}

TEST(Compile, WhatIsWrongWithAFilterIsADiagnosticToo) {
  const auto compiled =
      compile_text(testing::kListener + testing::kTwoRegions +
                   "routes: [{name: a, filters: [{no_such_filter: {}}, {redirect: {status: 308}}]}]\n");
  EXPECT_EQ(compiled.snapshot, nullptr);
  EXPECT_GE(compiled.loaded.diagnostics.sorted().size(), 2u) << "all of it at once: " << compiled.errors();
}

TEST(Compile, WithoutCountersItStillChecks) {
  const auto snapshot = good(testing::kListener + testing::kTwoRegions);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_TRUE(snapshot->routes[0].cells.empty());
  EXPECT_TRUE(snapshot->backends[0].meters.empty());
}

TEST(OpenGeo, NoFilesAreNoLocator) {
  const auto opened = open_geo({});
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(*opened, nullptr);
}

TEST(OpenGeo, AFileThatIsNotThereIsNamed) {
  config::GeoSpec spec;
  spec.databases = {"/nowhere/city.mmdb"};
  const auto opened = open_geo(spec);
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().find("/nowhere/city.mmdb"), std::string::npos) << opened.error();
}

}  // namespace
}  // namespace rhumb::proxy
