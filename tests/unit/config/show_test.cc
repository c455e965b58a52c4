// SPDX-License-Identifier: Apache-2.0
#include "config/show.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "config/diff.h"
#include "tests/unit/config/config_testing.h"
#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kSecret = "do-not-show-this-to-anybody-at-all";

std::string shown_yaml(const Loaded& loaded, ShowOptions options = {}) {
  EXPECT_TRUE(loaded.ok()) << testing::rendered(loaded);
  return show_yaml(*loaded.spec.tree, loaded.sources, testing::kFilters, options);
}
std::string shown_json(const Loaded& loaded, ShowOptions options = {}) {
  EXPECT_TRUE(loaded.ok()) << testing::rendered(loaded);
  return show_json(*loaded.spec.tree, loaded.sources, testing::kFilters, options);
}

/// Every number and text of a spec, in words: whether two loaded files mean the same, independent of the tables.
std::string in_words(const Spec& s) {
  const auto pairs = [](const auto& list) {
    std::string out;
    for (const auto& [name, value] : list) out += fmt::format("{}={} ", name, value);
    return out;
  };
  const auto networks = [](const std::vector<base::Cidr>& list) {
    std::string out;
    for (const auto& one : list) out += one.to_string() + " ";
    return out;
  };
  std::string out = fmt::format(
      "gateway {} {} {} {} {}\nadmin {} {}\nlog {} {}\ngeo {} {} {} {} {} {} {} {} {}\n", s.gateway.region,
      s.gateway.workers, s.gateway.drain_timeout.count(), s.gateway.memory_limit.value_or(7), s.gateway.log_level,
      s.admin.unix_path, s.admin.address ? s.admin.address->to_string() : "none", s.access_log.path,
      s.access_log.buffer, fmt::join(s.geo.databases, " "), fmt::join(s.geo.overlays, " "),
      networks(s.geo.trusted_proxies), static_cast<int>(s.geo.forwarded), s.geo.country_header, s.geo.latitude_header,
      s.geo.longitude_header, pairs(s.geo.countries), s.geo.default_region);
  for (const auto& l : s.listeners)
    out += fmt::format("listener {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", l.name, l.address.to_string(), l.backlog,
                       l.max_connections, l.max_request_line, l.max_head, l.max_fields, l.connections_per_ip,
                       l.min_rate, l.request_head.count(), l.request_body.count(), l.keep_alive.count(),
                       l.write.count(), l.max_requests);
  for (const auto& r : s.regions) {
    out +=
        fmt::format("region {} {} {} {} {} {} {} {} {} {} {} {} {}\n", r.name, r.latitude, r.longitude, r.has_location,
                    r.country, r.weight, r.priority, r.bias, r.max_latency ? r.max_latency->count() : -1,
                    r.max_requests, r.dial, fmt::join(r.backup, " "), r.balance);
    for (const auto& e : r.endpoints) out += e.to_string() + " ";
    const auto& h = r.health;
    out += fmt::format("health {} {} {} {} {} {} {} {} {}", h.enabled, h.path, h.host, h.interval.count(),
                       h.timeout.count(), h.unhealthy_after, h.healthy_after, h.expect_low, h.expect_high);
    out += fmt::format(" keep {} {} {} {} {}\n", r.keep_alive_idle, r.preconnect, r.keep_alive_timeout.count(),
                       r.keep_alive_requests, r.connect.count());
  }
  out += fmt::format("tenant {}\n", s.tenant.key);
  for (const auto& f : s.fence)
    out += fmt::format("fence {} {} {}\n", fmt::join(f.countries, " "), fmt::join(f.tenants, " "),
                       fmt::join(f.regions, " "));
  out += fmt::format("sessions {} {} {} {} {} {} keys", s.sessions.cookie, s.sessions.idle.count(),
                     s.sessions.absolute.count(), s.sessions.path, s.sessions.same_site, s.sessions.secure);
  for (const auto& key : s.sessions.keys) out += fmt::format(" {} {}", key.id, key.secret.view());
  out += fmt::format("\nlatency {} {} {} {}\n", s.latency.half_life.count(), s.latency.idle_decay.count(),
                     s.latency.exploration, s.latency.all_slow);
  for (const auto& r : s.routes) {
    const auto& m = r.match;
    out += fmt::format("route {} match {} {} {} {} {} {} {} {} split {} {} {} {} regions {} {} {} {} {} {}", r.name,
                       fmt::join(m.hosts, " "), m.path, m.path_prefix, m.path_pattern, fmt::join(m.methods, " "),
                       pairs(m.headers), pairs(m.query), pairs(m.cookies), r.split, r.split_key, r.strategy,
                       pairs(r.score), fmt::join(r.regions, " "), r.panic, r.affinity, r.on_failure, r.websocket,
                       r.geo_headers);
    out += fmt::format(" {} {} {} {} {} {} {}", r.max_body, r.response_head.count(), r.response_idle.count(),
                       r.tunnel.count(), r.request_body ? r.request_body->count() : -1, r.tries, r.retry_budget);
    for (const auto& filter : r.filters) out += " " + filter.name;
    out += "\n";
  }
  return out;
}

const std::string kMuch = R"(gateway: {region: us-east, workers: 3, memory_limit: 512MiB}
access_log: {path: "off"}
geo: {countries: {"NO": eu-west}, trusted_proxies: [10.0.0.0/8, "2001:db8::/32"], country_header: CF-IPCountry}
tenant: {key: "cookie:on"}
fence: [{countries: "NO", regions: [eu-west]}, {tenants: ["1"], regions: [us-east]}]
sessions: {cookie: "on", idle: 90s, path: "/ax$$y"}
latency: {exploration: 2.5%}
x-mine: {password: do-not-show-this-to-anybody-at-all}
routes:
  - name: a
    match: {host: ["*.example.org", www.example.org], path_pattern: "/v[0-9]+/.*$", methods: GET}
    score: {latency: 1}
    affinity: {}
    filters: [pass, {wall: {deny: [192.0.2.0/24]}}, {paint: {colour: red}}]
  - name: "1"
    split: {percent: 10%, key: "header:X-User"}
    timeouts: {request_body: 1h30m}
)";

TEST(Show, WhatItPrintsLoadsToTheSame) {
  const Loaded loaded = testing::load_with(kMuch);
  for (const bool effective : {false, true}) {
    for (const bool origin : {false, true}) {
      const std::string text = shown_yaml(loaded, {effective, origin});
      const Loaded again = load_text(text, "again.yaml");
      ASSERT_TRUE(again.ok()) << text << testing::rendered(again);
      EXPECT_EQ(in_words(loaded.spec), in_words(again.spec)) << text;
      EXPECT_EQ(diff_text(diff(*loaded.spec.tree, *again.spec.tree, testing::kFilters)), "");
    }
  }
}

TEST(Show, WithoutDefaultsHasWhatTheFileSaysAndNothingElse) {
  EXPECT_EQ(shown_yaml(testing::load_with("latency: {half_life: 5s}\nadmin: {}\n")),
            "admin: {}\n"
            "listeners:\n"
            "  - name: web\n"
            "    address: \"127.0.0.1:8080\"\n"
            "regions:\n"
            "  - name: eu-west\n"
            "    location:\n"
            "      latitude: 53.3\n"
            "      longitude: -6.2\n"
            "    endpoints: [\"127.0.0.1:9001\"]\n"
            "  - name: us-east\n"
            "    location:\n"
            "      latitude: 37.5\n"
            "      longitude: -77.5\n"
            "    endpoints: [\"127.0.0.1:9002\"]\n"
            "latency:\n"
            "  half_life: 5s\n");
}

TEST(Show, MarksDefaultsAndOrigins) {
  const testing::Environment variable("RHUMB_TEST_A", "5s");
  const std::string text = shown_yaml(testing::load_with("latency:\n  half_life: ${RHUMB_TEST_A}\n"), {true, true});
  EXPECT_THAT(text, HasSubstr("\n  half_life: 5s  # ${RHUMB_TEST_A} in test.yaml:11\n"));
  EXPECT_THAT(text, HasSubstr("\n  idle_decay: 60s  # default\n"));
  EXPECT_THAT(text, HasSubstr("\n  - name: eu-west  # test.yaml:4\n"));
  EXPECT_THAT(text, HasSubstr("\n    backup: []  # default\n"));
  EXPECT_THAT(text, Not(HasSubstr("admin"))) << "without its section there is none";
}

TEST(Show, KeepsTextsTexts) {
  const std::string text = shown_yaml(testing::load_with(
      "sessions: {cookie: \"010\"}\ngateway: {region: eu-west}\nroutes: [{name: \"no\", match: {path: /a$$b}}]\n"));
  EXPECT_THAT(text, HasSubstr("cookie: \"010\"\n"));
  EXPECT_THAT(text, HasSubstr("name: \"no\"\n"));
  EXPECT_THAT(text, HasSubstr("path: \"/a$$b\"\n")) << "read again, it is one dollar";
}

TEST(Show, HidesWhatMayBeSecret) {
  const Loaded loaded = testing::load_with(
      "sessions: {keys: [{id: 1, secret: " + kSecret + "}]}\nx-notes: {key: " + kSecret +
      "}\nroutes: [{name: a, match: {headers: {x-key: " + kSecret + "}, cookies: {c: " + kSecret +
      "}}, filters: [{paint: {colour: red, notes: {n: " + kSecret + "}}}, {unheard: {of: " + kSecret + "}}]}]\n");
  for (const std::string& text : {shown_yaml(loaded, {true, true}), shown_json(loaded, {true, true})}) {
    EXPECT_THAT(text, Not(HasSubstr(kSecret)));
    EXPECT_THAT(text, Not(HasSubstr("x-notes")));
    EXPECT_THAT(text, HasSubstr("\"***\""));
    EXPECT_THAT(text, HasSubstr("x-key")) << "names are shown";
  }
}

TEST(Show, AReferenceToASecretStaysAReference) {
  const testing::TemporaryDirectory directory;
  const testing::Environment variable("RHUMB_TEST_A", kSecret.c_str());
  const std::string key = directory.write("key", kSecret);
  std::filesystem::permissions(key, std::filesystem::perms::owner_read);
  const std::string file = "!file " + key;
  const Loaded loaded = testing::load_with("sessions: {keys: [{id: 1, secret: \"" + file +
                                           "\"}, {id: 2, secret: \"${RHUMB_TEST_A}\"}]}\n");
  const std::string text = shown_yaml(loaded);
  EXPECT_THAT(text, Not(HasSubstr(kSecret)));
  const Loaded again = load_text(text, "again.yaml");
  ASSERT_TRUE(again.ok()) << text << testing::rendered(again);
  EXPECT_EQ(in_words(loaded.spec), in_words(again.spec));
}

TEST(Show, TheJsonSaysOfEachValueWhetherItIsADefaultAndWhereItStands) {
  const std::string text = shown_json(testing::load_with("latency: {all_slow: false}\n"), {true, true});
  EXPECT_THAT(text, HasSubstr("\"all_slow\": {\n      \"value\": false,\n      \"default\": false,\n      \"origin\": "
                              "\"test.yaml:10\"\n    }"));
  EXPECT_THAT(text, HasSubstr("\"half_life\": {\n      \"value\": \"10s\",\n      \"default\": true,\n      "
                              "\"origin\": \"default\"\n    }"));
  EXPECT_THAT(text, HasSubstr("\"latitude\": {\n          \"value\": 53.3,"));
  EXPECT_THAT(text, HasSubstr("\"fence\": {\n    \"value\": [],"));
}

TEST(Show, OfThousandsOfRoutesNoBitIsLong) {
  std::string text =
      "listeners: [{name: web, address: \"127.0.0.1:0\"}]\nregions: [{name: eu, endpoints: [\"127.0.0.1:1\"]}]\n"
      "routes:\n";
  for (int i = 0; i < 2000; ++i)
    text += fmt::format("  - {{name: r{}, strategy: priority, match: {{path: /p{}}}}}\n", i, i);
  const Loaded loaded = load_text(text, "many.yaml");
  ASSERT_TRUE(loaded.ok()) << testing::rendered(loaded);
  const auto sources = std::make_shared<const SourceList>(loaded.sources);
  for (const ShowForm form : {ShowForm::json, ShowForm::yaml}) {
    ShowPieces pieces(loaded.spec.tree, sources, testing::kFilters, {true, true}, form);
    std::string all, bit;
    size_t bits = 0, longest = 0;
    for (bool more = true; more; ++bits) {
      bit.clear();
      more = pieces.next(bit);
      longest = std::max(longest, bit.size());
      all += bit;
    }
    EXPECT_LT(longest, ShowPieces::kBit + 8 * 1024) << "a bit, and the rest of the route it ended in";
    EXPECT_GT(bits, 50u);
    EXPECT_EQ(all, form == ShowForm::json ? shown_json(loaded, {true, true}) : shown_yaml(loaded, {true, true}));
  }
}

}  // namespace
}  // namespace rhumb::config
