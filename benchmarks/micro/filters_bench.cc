// SPDX-License-Identifier: Apache-2.0
// What a request pays for its filters and its token.
#include <benchmark/benchmark.h>

#include <string>

#include "base/check.h"
#include "config/load.h"
#include "filters/chain.h"
#include "filters/forwarded.h"
#include "filters/registry.h"
#include "sessions/affinity.h"

namespace rhumb::filters {
namespace {

// Eight filters: the gateway's three and five of the route.
constexpr const char* kConfig =
    "geo: {trusted_proxies: [10.0.0.0/8, 172.16.0.0/12]}\n"
    "listeners: [{name: web, address: \"127.0.0.1:8080\"}]\n"
    "regions: [{name: eu-west, location: {latitude: 53, longitude: -6}, endpoints: [\"127.0.0.1:9001\"]}]\n"
    "routes:\n"
    "  - name: api\n"
    "    filters:\n"
    "      - ip_acl: {deny: [192.0.2.0/24, 198.18.0.0/15]}\n"
    "      - geo_acl: {deny: [KP]}\n"
    "      - methods: {allow: [GET, HEAD, POST]}\n"
    "      - redirect: {to: \"https://%{host}%{target}\", from: https}\n"
    "      - headers: {request: {set: {x-edge: \"rhumb %{region} %{client_ip}\"}, remove: [x-internal]}}\n";

struct Chains {
  config::Loaded loaded = config::load_text(kConfig, "bench.yaml");
  std::shared_ptr<const Chain> gateway, route;
  Chains() {
    gateway = gateway_chain(loaded.spec);
    route = build_chain(loaded.spec.routes.at(0).filters, {loaded.spec.geo, "api"}, loaded.diagnostics);
    RHUMB_ASSERT(loaded.ok() && route->size() == 5);
  }
};

void fill(http::RequestHead& request, base::Arena& arena, bool forwarded) {
  request.fields.init(arena, 32);
  request.fields.add("Host", "www.shop.example");
  request.fields.add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)");
  request.fields.add("Accept", "text/html,application/xhtml+xml");
  request.fields.add("Accept-Encoding", "gzip, deflate, br");
  request.fields.add("Accept-Language", "en-GB,en;q=0.9");
  request.fields.add("Referer", "https://www.shop.example/catalogue");
  request.fields.add("Cookie", "session=3f9c2b7a1d5e4f60a8b9c0d1e2f30415; theme=dark");
  if (forwarded) request.fields.add("X-Forwarded-For", "203.0.113.9, 10.2.3.4");
}

void chain_of_8(benchmark::State& state, bool trusted) {
  const Chains chains;
  base::BlockPool pool;
  base::Arena arena(pool);
  for (auto _ : state) {
    http::RequestHead request;
    request.method_text = "GET";
    request.authority = "www.shop.example";
    fill(request, arena, trusted);
    ExchangeView view;
    view.arena = &arena;
    view.request = &request;
    view.host = "www.shop.example";
    view.path = "/catalogue/summer";
    view.peer = base::IpAddress::v4(trusted ? 0x0a000001 : 0xcb007109);
    FilterContext ctx(view, {}, nullptr);
    ChainCursor cursor;
    cursor.start(*chains.gateway, view);
    RHUMB_ASSERT(cursor.run_request(ctx, Phase::identify, Phase::identify).kind() == Verdict::Kind::next);
    cursor.start(*chains.route, view);
    RHUMB_ASSERT(cursor.run_request(ctx, Phase::guard, Phase::shape).kind() == Verdict::Kind::next);
    RHUMB_ASSERT(cursor.run_request(ctx, Phase::decided, Phase::decided).kind() == Verdict::Kind::next);
    benchmark::DoNotOptimize(view);
    arena.reset();
  }
}
BENCHMARK_CAPTURE(chain_of_8, client, false);
BENCHMARK_CAPTURE(chain_of_8, behind_proxies, true);

void walk_sixteen_hops(benchmark::State& state, config::GeoSpec::Forwarded which) {
  const base::PrefixSet trusted({*base::Cidr::parse("10.0.0.0/8")});
  const bool plain = which == config::GeoSpec::Forwarded::x_forwarded_for;
  std::string value;
  for (int i = 0; i < 20; ++i)
    value += (i == 0 ? "" : ", ") + std::string(plain ? "" : "for=") + "10.0.0." + std::to_string(i);
  base::BlockPool pool;
  base::Arena arena(pool);
  http::Headers fields;
  fields.init(arena, 4);
  fields.add(plain ? http::FieldId::x_forwarded_for : http::FieldId::forwarded, value);
  for (auto _ : state) benchmark::DoNotOptimize(walk(fields, which, base::IpAddress::v4(0x0a000001), trusted));
}
BENCHMARK_CAPTURE(walk_sixteen_hops, x_forwarded_for, config::GeoSpec::Forwarded::x_forwarded_for);
BENCHMARK_CAPTURE(walk_sixteen_hops, forwarded, config::GeoSpec::Forwarded::forwarded);

config::SessionsSpec sessions_spec() {
  config::SessionsSpec spec;
  spec.cookie = "rhumb";
  spec.keys = {{2, "fedcba9876543210fedcba9876543210"}, {1, "0123456789abcdef0123456789abcdef"}};
  spec.idle = base::Seconds(1800);
  spec.absolute = base::Seconds(86400);
  return spec;
}

void token_seal(benchmark::State& state) {
  const config::SessionsSpec spec = sessions_spec();
  const sessions::TokenCodec codec(spec.keys, spec.cookie);
  const auto token = *sessions::renew(nullptr, 1, 2, spec, base::WallTime(base::Seconds(1'800'000'000)));
  char text[sessions::TokenCodec::kMaxText];
  for (auto _ : state) benchmark::DoNotOptimize(codec.seal(token, text));
}
BENCHMARK(token_seal);

void token_open(benchmark::State& state) {
  const config::SessionsSpec spec = sessions_spec();
  const sessions::TokenCodec codec(spec.keys, spec.cookie);
  const base::WallTime now(base::Seconds(1'800'000'000));
  const auto token = *sessions::renew(nullptr, 1, 2, spec, now);
  char text[sessions::TokenCodec::kMaxText];
  const std::string_view sealed(text, codec.seal(token, text));
  for (auto _ : state) benchmark::DoNotOptimize(codec.open(sealed, now));
}
BENCHMARK(token_open);

}  // namespace
}  // namespace rhumb::filters
