// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/units.h"
#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_of;
using testing::codes_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load_with;
using ::testing::Pair;
using testing::rendered;
using ::testing::SizeIs;
using testing::TemporaryDirectory;

const std::string kExamples = std::string(RHUMB_SOURCE_DIR) + "/packaging/examples/";

TEST(LoadFullExample, LoadsWithoutDiagnosticsAndKeepsItsTree) {
  const Loaded loaded = load_file(kExamples + "full.yaml");
  EXPECT_EQ(rendered(loaded), "");
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded.spec.hash, ::testing::MatchesRegex("[0-9a-f]{12}"));
  EXPECT_TRUE(loaded.spec.tree);
}

TEST(LoadFullExample, ReadsTheProcess) {
  const Spec spec = load_file(kExamples + "full.yaml").spec;
  EXPECT_EQ(spec.gateway.region, "eu-west");
  EXPECT_EQ(spec.gateway.workers, 0u);
  EXPECT_EQ(spec.gateway.drain_timeout, base::Seconds(30));
  EXPECT_EQ(spec.gateway.log_level, "info");
  ASSERT_TRUE(spec.admin.address);
  EXPECT_EQ(spec.admin.address->to_string(), "127.0.0.1:9901");
  EXPECT_EQ(spec.access_log.path, "stdout");
  EXPECT_EQ(spec.access_log.buffer, 1u << 20);
  EXPECT_EQ(spec.access_log.format, "json");
  EXPECT_EQ(spec.access_log.redact_query, load_with("").spec.access_log.redact_query);
  EXPECT_EQ(spec.access_log.sample, 1.0);
  EXPECT_EQ(spec.sessions.cookie, "rhumb");
  ASSERT_THAT(spec.sessions.keys, SizeIs(1));
  EXPECT_EQ(spec.sessions.keys[0].id, 1);
  EXPECT_EQ(spec.sessions.keys[0].secret.view(), "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(spec.sessions.idle, base::Seconds(1800));
  EXPECT_EQ(spec.sessions.absolute, base::Seconds(86'400));
  EXPECT_EQ(spec.sessions.path, "/");
  EXPECT_EQ(spec.sessions.same_site, "lax");
  EXPECT_FALSE(spec.sessions.secure);
  EXPECT_FALSE(spec.sessions.skip_cacheable);
  EXPECT_EQ(spec.latency.half_life, base::Seconds(10));
  EXPECT_EQ(spec.latency.idle_decay, base::Seconds(60));
  EXPECT_DOUBLE_EQ(spec.latency.exploration, 0.01);
  EXPECT_TRUE(spec.latency.all_slow);
}

TEST(LoadFullExample, ReadsGeoFenceAndListeners) {
  const Spec spec = load_file(kExamples + "full.yaml").spec;
  EXPECT_THAT(spec.geo.databases, IsEmpty());
  ASSERT_THAT(spec.geo.trusted_proxies, SizeIs(1));
  EXPECT_EQ(spec.geo.trusted_proxies[0].to_string(), "127.0.0.1/32");
  EXPECT_EQ(spec.geo.forwarded, GeoSpec::Forwarded::x_forwarded_for);
  EXPECT_EQ(spec.geo.country_header, "cf-ipcountry");
  EXPECT_EQ(spec.geo.latitude_header, "cf-iplatitude");
  EXPECT_EQ(spec.geo.longitude_header, "cf-iplongitude");
  EXPECT_THAT(spec.geo.countries, ElementsAre(Pair("GB", "eu-west")));
  EXPECT_EQ(spec.geo.default_region, "us-east");
  EXPECT_EQ(spec.tenant.key, "header:x-tenant");
  ASSERT_THAT(spec.fence, SizeIs(2));
  EXPECT_THAT(spec.fence[0].countries, ElementsAre("DE", "FR"));
  EXPECT_THAT(spec.fence[0].regions, ElementsAre("eu-west"));
  EXPECT_THAT(spec.fence[1].tenants, ElementsAre("acme"));
  ASSERT_THAT(spec.listeners, SizeIs(1));
  const ListenerSpec& web = spec.listeners[0];
  EXPECT_EQ(web.address.to_string(), "127.0.0.1:8080");
  EXPECT_EQ(web.backlog, 4096);
  EXPECT_EQ(web.max_connections, 0u);
  EXPECT_EQ(web.max_request_line, 8192u);
  EXPECT_EQ(web.max_head, 32'768u);
  EXPECT_EQ(web.max_fields, 100);
  EXPECT_EQ(web.connections_per_ip, 256u);
  EXPECT_EQ(web.min_rate, 500u);
  EXPECT_EQ(web.request_head, base::Seconds(10));
  EXPECT_EQ(web.request_body, base::Seconds(30));
  EXPECT_EQ(web.keep_alive, base::Seconds(60));
  EXPECT_EQ(web.write, base::Seconds(30));
  EXPECT_EQ(web.max_requests, 10'000u);
}

void expect_region_defaults(const RegionSpec& region) {
  EXPECT_EQ(region.weight, 100);
  EXPECT_EQ(region.priority, 1);
  EXPECT_EQ(region.bias, 0);
  EXPECT_EQ(region.dial, 1);
  EXPECT_EQ(region.balance, "least_conn");
  EXPECT_TRUE(region.health.enabled);
  EXPECT_EQ(region.health.path, "/health");
  EXPECT_EQ(region.health.host, "");
  EXPECT_EQ(region.health.interval, base::Seconds(30));
  EXPECT_EQ(region.health.timeout, base::Seconds(5));
  EXPECT_EQ(region.health.unhealthy_after, 3u);
  EXPECT_EQ(region.health.healthy_after, 2u);
  EXPECT_EQ(region.health.expect_low, 200);
  EXPECT_EQ(region.health.expect_high, 299);
  EXPECT_EQ(region.keep_alive_idle, 32u);
  EXPECT_EQ(region.keep_alive_timeout, base::Seconds(60));
  EXPECT_EQ(region.keep_alive_requests, 10'000u);
  EXPECT_EQ(region.preconnect, 0u);
  EXPECT_EQ(region.connect, base::Seconds(1));
}

TEST(LoadFullExample, ReadsRegionsAndTheirDefaultsAlike) {
  const Spec spec = load_file(kExamples + "full.yaml").spec;
  ASSERT_THAT(spec.regions, SizeIs(2));
  EXPECT_EQ(spec.regions[0].name, "eu-west");
  EXPECT_EQ(spec.regions[0].latitude, 53.3);
  EXPECT_EQ(spec.regions[0].longitude, -6.2);
  EXPECT_EQ(spec.regions[0].country, "IE");
  EXPECT_EQ(spec.regions[0].max_latency, base::Millis(200));
  EXPECT_THAT(spec.regions[0].backup, ElementsAre("us-east"));
  EXPECT_EQ(spec.regions[0].endpoints.at(0).to_string(), "127.0.0.1:9001");
  EXPECT_GT(spec.regions[0].place.line, 0u);
  EXPECT_FALSE(spec.regions[1].max_latency);
  EXPECT_THAT(spec.regions[1].backup, IsEmpty());
  EXPECT_EQ(spec.regions[0].max_requests, 10000u);
  EXPECT_EQ(spec.regions[1].max_requests, 0u);
  for (const RegionSpec& region : spec.regions) expect_region_defaults(region);
}

void expect_route_defaults(const RouteSpec& route) {
  EXPECT_EQ(route.strategy, "score");
  EXPECT_THAT(route.score, ::testing::IsSupersetOf({Pair("distance", 0.5), Pair("latency", 0.4), Pair("weight", 0.1),
                                                    Pair("bias", 1.0), Pair("load", 0.0)}));
  EXPECT_THAT(route.regions, ElementsAre("eu-west", "us-east"));
  EXPECT_EQ(route.on_failure, "rebind");
  EXPECT_TRUE(route.panic);
  EXPECT_TRUE(route.websocket);
  EXPECT_FALSE(route.geo_headers);
  EXPECT_EQ(route.max_body, 0u);
  EXPECT_EQ(route.response_head, base::Seconds(60));
  EXPECT_EQ(route.response_idle, base::Seconds(60));
  EXPECT_EQ(route.tunnel, base::Seconds(7 * 86'400));
  EXPECT_EQ(route.tries, 2u);
  EXPECT_DOUBLE_EQ(route.retry_budget, 0.2);
  EXPECT_EQ(route.split_key, "client_ip");
}

TEST(LoadFullExample, ReadsRoutesAndTheirDefaultsAlike) {
  const Spec spec = load_file(kExamples + "full.yaml").spec;
  ASSERT_THAT(spec.routes, SizeIs(3));
  for (const RouteSpec& route : spec.routes) expect_route_defaults(route);
  const RouteSpec& api = spec.routes[0];
  EXPECT_THAT(api.match.hosts, ElementsAre("api.example.com", "*.example.org"));
  EXPECT_EQ(api.match.path, "/exact");
  EXPECT_THAT(api.match.methods, ElementsAre("GET", "POST"));
  EXPECT_THAT(api.match.headers, ElementsAre(Pair("x-canary", "1")));
  EXPECT_THAT(api.match.query, ElementsAre(Pair("v", "2")));
  EXPECT_THAT(api.match.cookies, ElementsAre(Pair("beta", "*")));
  EXPECT_DOUBLE_EQ(api.split, 0.1);
  EXPECT_TRUE(api.affinity);
  EXPECT_EQ(api.request_body, base::Seconds(30));
  EXPECT_EQ(spec.routes[1].match.path_prefix, "/old/");
  EXPECT_FALSE(spec.routes[2].affinity);
  EXPECT_EQ(spec.routes[2].split, 1);
  EXPECT_FALSE(spec.routes[2].request_body);
}

TEST(LoadFullExample, LeavesFiltersToTheirOwners) {
  const Spec spec = load_file(kExamples + "full.yaml").spec;
  ASSERT_THAT(spec.routes[0].filters, SizeIs(5));
  const FilterSpec& acl = spec.routes[0].filters[0];
  EXPECT_EQ(acl.name, "ip_acl");
  EXPECT_EQ(acl.path, "routes[0].filters[0].ip_acl");
  ASSERT_NE(acl.options, nullptr);
  EXPECT_EQ(acl.options->find("allow")->items.at(0).scalar, "10.0.0.0/8");
  EXPECT_EQ(spec.routes[1].filters.at(0).options->find("to")->scalar, "https://%{host}/new%{path}");
}

TEST(LoadExamples, LoadTheSmallestFile) {
  const Loaded loaded = load_file(kExamples + "minimal.yaml");
  EXPECT_EQ(rendered(loaded), "");
  ASSERT_THAT(loaded.spec.routes, SizeIs(1));
  EXPECT_EQ(loaded.spec.routes[0].name, "default");
  EXPECT_EQ(loaded.spec.routes[0].place.line, 0u);
  expect_route_defaults(loaded.spec.routes[0]);
  EXPECT_THAT(loaded.spec.regions, SizeIs(2));
  for (const RegionSpec& region : loaded.spec.regions) expect_region_defaults(region);
  EXPECT_FALSE(loaded.spec.admin.address);
  EXPECT_EQ(loaded.spec.admin.unix_path, "");
}

TEST(LoadExamples, LoadTheSevenPartsOfTheWorld) {
  const Loaded loaded = load_file(kExamples + "regions-7.yaml");
  EXPECT_TRUE(loaded.ok()) << rendered(loaded);
  EXPECT_THAT(testing::warnings(loaded.diagnostics), ElementsAre(code::kNoKeys)) << "no example can bring a secret";
  EXPECT_THAT(loaded.spec.regions, SizeIs(13));
  EXPECT_THAT(loaded.spec.geo.countries, SizeIs(21));
  for (const RegionSpec& region : loaded.spec.regions) EXPECT_THAT(region.backup, SizeIs(1)) << region.name;
}

TEST(Load, SaysWhenAFileIsNoFile) {
  const TemporaryDirectory directory;
  const Loaded loaded = load_file(directory.path("missing.yaml"));
  EXPECT_THAT(testing::codes(loaded.diagnostics), ElementsAre(code::kUnreadable));
  EXPECT_THAT(rendered(loaded), HasSubstr("missing.yaml: error: cannot read"));
  EXPECT_THAT(testing::codes(load_file(directory.path("")).diagnostics), ElementsAre(code::kNotRegular));
}

TEST(Load, ReportsEverythingWrongInOnePassSortedByPlace) {
  const Loaded loaded = load_text(
      "gatway: {}\nlisteners: [{name: web, address: x}]\nregions:\n  - {name: a, wieght: 1, endpoints: "
      "[\"127.0.0.1:1\"]}\n"
      "routes: [{name: r, regions: [b], strategy: weighted}]\n",
      "test.yaml");
  EXPECT_THAT(testing::codes(loaded.diagnostics),
              ElementsAre(code::kUnknownKey, code::kAddress, code::kUnknownKey, code::kUnknownRegion));
}

TEST(Load, TakesOtherVersionsForUnknown) {
  EXPECT_THAT(codes_with("version: 1\n"), IsEmpty());
  EXPECT_THAT(codes_with("version: 2\n"), ElementsAre(code::kVersion));
}

TEST(Load, AllowsFreeKeysAtTheTopLevelOnly) {
  EXPECT_THAT(codes_with("x-notes: [anything, {goes: here}]\n"), IsEmpty());
  EXPECT_THAT(codes_with("gateway: {x-notes: 1}\n"), ElementsAre(code::kUnknownKey));
}

TEST(Load, GivesTheHashOfTheText) {
  EXPECT_EQ(load_with("").spec.hash, load_with("").spec.hash);
  EXPECT_NE(load_with("").spec.hash, load_with("# changed\n").spec.hash);
}

TEST(Load, NeedsLocationsWhereDistanceIsMeasured) {
  const std::string bare = testing::kListeners + "regions: [{name: a, endpoints: [\"127.0.0.1:1\"]}]\n";
  EXPECT_THAT(codes_of(bare), ElementsAre(code::kNoLocation));
  EXPECT_THAT(codes_of(bare + "routes: [{name: r, strategy: geographic}]\n"), ElementsAre(code::kNoLocation));
  EXPECT_THAT(codes_of(bare + "routes: [{name: r, strategy: latency}]\n"), IsEmpty());
  EXPECT_THAT(codes_of(bare + "routes: [{name: r, score: {latency: 1}}]\n"), IsEmpty());
  const std::string two = testing::kListeners + testing::kRegions + "  - {name: b, endpoints: [\"127.0.0.1:1\"]}\n";
  EXPECT_THAT(codes_of(two + "routes: [{name: r, regions: [eu-west]}]\n"), IsEmpty());
  const Loaded both = load_text(two + "routes:\n  - {name: q}\n  - {name: r}\n", "t");
  ASSERT_THAT(testing::codes(both.diagnostics), ElementsAre(code::kNoLocation))
      << "once for a region, not for each route";
  EXPECT_EQ(both.diagnostics.sorted()[0].other.line, 12u);
}

TEST(Load, S33_TheTreeTellsSecretsApartAndHasNone) {
  const std::string one(32, 'a'), two(32, 'b');
  const auto read = [](const std::string& secret) {
    return load_with("sessions: {keys: [{id: 1, secret: " + secret + "}]}\n");
  };
  const auto in_tree = [](const Loaded& loaded) {
    return loaded.spec.tree->find("sessions")->find("keys")->items[0].find("secret")->scalar;
  };
  const Loaded first = read(one), again = read(one), other = read(two);
  EXPECT_EQ(first.spec.sessions.keys[0].secret.view(), one);
  EXPECT_EQ(in_tree(first).find(one), std::string::npos);
  EXPECT_EQ(in_tree(first), in_tree(again));
  EXPECT_NE(in_tree(first), in_tree(other));
}

TEST(Load, HashesEveryFile) {
  const TemporaryDirectory directory;
  const std::string main = directory.write("rhumb.yaml", "include: more.yaml\n" + testing::kListeners);
  directory.write("more.yaml", testing::kRegions);
  const std::string before = load_file(main).spec.hash;
  EXPECT_EQ(load_file(main).spec.hash, before);
  directory.write("more.yaml", testing::kRegions + "# changed\n");
  EXPECT_NE(load_file(main).spec.hash, before);
}

}  // namespace
}  // namespace rhumb::config
