// SPDX-License-Identifier: Apache-2.0
// What a request pays for its filters and its token.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "config/load.h"
#include "filters/chain.h"
#include "filters/forwarded.h"
#include "filters/registry.h"
#include "sessions/affinity.h"

namespace rhumb::filters {
namespace {

// Eight filters of a route, in all phases that see a request: what a chain costs that lets the request through.
constexpr const char* kConfig =
    "geo: {trusted_proxies: [10.0.0.0/8, 172.16.0.0/12]}\n"
    "listeners: [{name: web, address: \"127.0.0.1:8080\"}]\n"
    "regions: [{name: eu-west, location: {latitude: 53, longitude: -6}, endpoints: [\"127.0.0.1:9001\"]}]\n"
    "routes:\n"
    "  - name: api\n"
    "    filters:\n"
    "      - ip_acl: {deny: [192.0.2.0/24, 198.18.0.0/15]}\n"
    "      - ip_acl: {deny: [100.64.0.0/10]}\n"
    "      - geo_acl: {deny: [KP]}\n"
    "      - geo_acl: {deny: [AQ, BV]}\n"
    "      - methods: {allow: [GET, HEAD, POST]}\n"
    "      - redirect: {to: \"https://%{host}%{target}\", from: https}\n"
    "      - headers: {request: {remove: [x-internal]}}\n"
    "      - headers: {request: {set: {x-edge: \"rhumb\"}}}\n";

struct Chains {
  config::Loaded loaded = config::load_text(kConfig, "bench.yaml");
  std::shared_ptr<const Chain> gateway, route;
  Chains() {
    gateway = gateway_chain(loaded.spec);
    route =
        build_chain(loaded.spec.routes.at(0).filters, {loaded.spec.geo, loaded.spec.tenant, "api"}, loaded.diagnostics);
    RHUMB_ASSERT(loaded.ok() && route->size() == 8);
  }
};

/// A browser's request, copied for each round: filters change its fields.
struct Exchanges {
  base::BlockPool pool;
  base::Arena kept{pool}, arena{pool};
  http::Headers fields;
  http::RequestHead request;
  ExchangeView view;

  explicit Exchanges(bool forwarded) {
    fields.init(kept, 32);
    fields.add("Host", "www.shop.example");
    fields.add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)");
    fields.add("Accept", "text/html,application/xhtml+xml");
    fields.add("Accept-Encoding", "gzip, deflate, br");
    fields.add("Accept-Language", "en-GB,en;q=0.9");
    fields.add("Referer", "https://www.shop.example/catalogue");
    fields.add("Cookie", "session=3f9c2b7a1d5e4f60a8b9c0d1e2f30415; theme=dark");
    if (forwarded) fields.add("X-Forwarded-For", "203.0.113.9, 10.2.3.4");
  }
  void next(bool forwarded) {
    arena.reset();
    request.method_text = "GET";
    request.authority = "www.shop.example";
    request.fields.init(arena, 32);
    for (const http::Field& field : fields.all()) request.fields.add(field.id, field.name, field.value);
    view = {};
    view.arena = &arena;
    view.request = &request;
    view.host = "www.shop.example";
    view.path = "/catalogue/summer";
    view.peer = view.facts.client = base::IpAddress::v4(forwarded ? 0x0a000001 : 0xcb007109);
  }
};

/// What the others begin with, and is not theirs.
void a_request_to_filter(benchmark::State& state) {
  Exchanges exchanges(false);
  for (auto _ : state) {
    exchanges.next(false);
    benchmark::DoNotOptimize(exchanges.view);
  }
}
BENCHMARK(a_request_to_filter);

void chain_of_8(benchmark::State& state) {
  const Chains chains;
  Exchanges exchanges(false);
  for (auto _ : state) {
    exchanges.next(false);
    FilterContext ctx(exchanges.view, {}, nullptr);
    ChainCursor cursor;
    cursor.start(*chains.route, exchanges.view);
    RHUMB_ASSERT(cursor.run_request(ctx, Phase::guard, Phase::shape).kind() == Verdict::Kind::next);
    RHUMB_ASSERT(cursor.run_request(ctx, Phase::decided, Phase::decided).kind() == Verdict::Kind::next);
    benchmark::DoNotOptimize(exchanges.view);
  }
}
BENCHMARK(chain_of_8);

/// The gateway's own three: who the client is, where it is, and a name for the request.
void identify(benchmark::State& state, bool forwarded) {
  const Chains chains;
  Exchanges exchanges(forwarded);
  for (auto _ : state) {
    exchanges.next(forwarded);
    FilterContext ctx(exchanges.view, {}, nullptr);
    ChainCursor cursor;
    cursor.start(*chains.gateway, exchanges.view);
    RHUMB_ASSERT(cursor.run_request(ctx, Phase::identify, Phase::identify).kind() == Verdict::Kind::next);
    benchmark::DoNotOptimize(exchanges.view);
  }
}
BENCHMARK_CAPTURE(identify, client, false);
BENCHMARK_CAPTURE(identify, behind_proxies, true);

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
  sessions::SealCount seals;
  const sessions::TokenCodec codec(spec.keys, sessions::scope_of(spec), &seals);
  const auto token = *sessions::renew(nullptr, 1, 2, spec, base::WallTime(base::Seconds(1'800'000'000)));
  char text[sessions::TokenCodec::kMaxText];
  for (auto _ : state) benchmark::DoNotOptimize(codec.seal(token, "", text));
}
BENCHMARK(token_seal);

/// `clients` of them in turn: one is known again, thousands push each other out.
void token_open(benchmark::State& state) {
  const config::SessionsSpec spec = sessions_spec();
  sessions::SealCount seals;
  const sessions::TokenCodec codec(spec.keys, sessions::scope_of(spec), &seals);
  const base::WallTime now(base::Seconds(1'800'000'000));
  std::vector<std::string> sealed(static_cast<size_t>(state.range(0)));
  for (std::string& text : sealed) {
    text.resize(sessions::TokenCodec::kMaxText);
    text.resize(codec.seal(*sessions::renew(nullptr, 1, 2, spec, now), "", text.data()));
  }
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec.open(sealed[at], "", now));
    at = at + 1 == sealed.size() ? 0 : at + 1;
  }
}
BENCHMARK(token_open)->ArgName("clients")->Arg(1)->Arg(8192);

}  // namespace
}  // namespace rhumb::filters
