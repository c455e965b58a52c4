// SPDX-License-Identifier: Apache-2.0
// What a decision and a route cost, by how many regions and how many hosts there are.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "decision/decide.h"
#include "decision/detour.h"
#include "decision/route_table.h"
#include "http/h1_parser.h"

namespace rhumb::decision {
namespace {

struct World {
  Policy policy;
  RegionStates states;
  RequestFacts facts;
  std::vector<Candidate> rows;

  World(size_t count, const char* strategy) : rows(count) {
    base::Random random(1);
    auto regions = std::make_shared<Regions>(count);
    states.of.resize(count);
    for (size_t r = 0; r < count; ++r) {
      (*regions)[r].at = {static_cast<double>(random.below(140)) - 70, static_cast<double>(random.below(360)) - 180};
      (*regions)[r].has_point = true;
      (*regions)[r].max_latency = base::Millis(300);
      states.of[r].rtt = base::Millis(static_cast<int64_t>(5 + random.below(250)));
    }
    policy.regions = regions;
    policy.fence = std::make_shared<Fence>(count);
    policy.strategy = find_strategy(strategy);
    policy.weights = kDefaultWeights;
    policy.max_weight = 100;
    policy.exploration = 0.01;
    facts.where.country = geo::Country::of("FR");
    facts.where.point = {48.86, 2.35};
    facts.where.has_point = true;
  }
};

void decide_by(benchmark::State& state, const char* strategy) {
  World w(static_cast<size_t>(state.range(0)), strategy);
  uint64_t draw = 0;
  for (auto _ : state) benchmark::DoNotOptimize(decide(w.policy, w.states, w.facts, ++draw, w.rows));
}
BENCHMARK_CAPTURE(decide_by, score, "score")->Arg(3)->Arg(7)->Arg(32);
BENCHMARK_CAPTURE(decide_by, weighted, "weighted")->Arg(7);
BENCHMARK_CAPTURE(decide_by, round_robin, "round_robin")->Arg(7);

void decide_failover(benchmark::State& state) {
  World w(static_cast<size_t>(state.range(0)), "score");
  const RegionIndex best = decide(w.policy, w.states, w.facts, 1, w.rows).winner;
  auto regions = std::make_shared<Regions>(*w.policy.regions);
  for (size_t r = 0; r < regions->size(); ++r) (*regions)[best].backup.push_back(static_cast<RegionIndex>(r));
  w.policy.regions = regions;
  w.states.of[best].healthy = false;
  uint64_t draw = 0;
  for (auto _ : state) benchmark::DoNotOptimize(decide(w.policy, w.states, w.facts, ++draw, w.rows));
}
BENCHMARK(decide_failover)->Arg(7);

/// What counting the detour adds: to the nearest region, and to another.
void detour(benchmark::State& state, const char* strategy) {
  World w(7, strategy);
  uint64_t draw = 0;
  const Decision made = decide(w.policy, w.states, w.facts, ++draw, w.rows);
  for (auto _ : state) benchmark::DoNotOptimize(detour_km(made, *w.policy.regions, w.facts));
}
BENCHMARK_CAPTURE(detour, nearest, "geographic");
BENCHMARK_CAPTURE(detour, elsewhere, "round_robin");

/// Three routes a host: a pattern, a prefix and the rest; the request takes the second.
void match_hosts(benchmark::State& state) {
  std::vector<config::RouteSpec> routes;
  for (int64_t i = 0; i < state.range(0); ++i) {
    const std::string host = "h" + std::to_string(i) + ".example.org";
    config::RouteSpec route;
    route.match.hosts = {host, "*." + host};
    route.match.path_pattern = "/v[0-9]+/old/.*";
    routes.push_back(route);
    route.match.path_pattern.clear();
    route.match.path_prefix = "/api";
    routes.push_back(route);
    route.match.path_prefix.clear();
    routes.push_back(route);
  }
  const auto table = RouteTable::build(routes);
  RHUMB_ASSERT(table.has_value());
  base::BlockPool blocks(2);
  base::Arena arena(blocks);
  http::RequestHead head;
  const auto parsed =
      http::RequestParser().feed("GET /api/users HTTP/1.1\r\nHost: h7.example.org\r\n\r\n", arena, head);
  RHUMB_ASSERT(parsed.status == http::ParseStatus::done);
  const bool wildcard = state.range(1) != 0;
  const auto match = [&] {
    base::Arena found(blocks);
    return (*table)->match({head, wildcard ? "a.h7.example.org" : "h7.example.org", "/api/users", {}, {}, found});
  };
  RHUMB_ASSERT(match() == 7 * 3 + 1);
  for (auto _ : state) benchmark::DoNotOptimize(match());
}
BENCHMARK(match_hosts)
    ->ArgNames({"hosts", "wildcard"})
    ->Args({10, 0})
    ->Args({10'000, 0})
    ->Args({10, 1})
    ->Args({10'000, 1});

}  // namespace
}  // namespace rhumb::decision
