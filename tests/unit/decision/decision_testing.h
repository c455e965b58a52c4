// SPDX-License-Identifier: Apache-2.0
// A small world for decision tests: three regions far apart, all healthy, all equal but for where they are.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "decision/decide.h"

namespace rhumb::decision::testing {

struct TestWorld {
  std::shared_ptr<Regions> regions = std::make_shared<Regions>();
  Policy policy;
  RegionStates states;
  RequestFacts facts;
  std::vector<Candidate> rows;

  enum : RegionIndex { eu = 0, us = 1, ap = 2 };

  TestWorld() {
    add("eu", 50.1, 8.7);
    add("us", 38.9, -77.5);
    add("ap", 1.3, 103.8);
    policy.strategy = find_strategy("score");
    policy.weights = kDefaultWeights;
    policy.max_weight = policy.max_price = 100;
    at_berlin();
  }
  RegionIndex add(const char* name, double latitude, double longitude) {
    Region region;
    region.name = name;
    region.at = {latitude, longitude};
    region.has_point = true;
    regions->push_back(region);
    states.of.emplace_back();
    policy.regions = regions;
    policy.fence = std::make_shared<Fence>(regions->size());
    return static_cast<RegionIndex>(regions->size() - 1);
  }
  void at(double latitude, double longitude, const char* country) {
    facts.where = {};
    facts.where.point = {latitude, longitude};
    facts.where.has_point = true;
    facts.where.country = geo::Country::of(country);
    facts.where.source = geo::Source::database;
  }
  void at_berlin() { at(52.5, 13.4, "DE"); }
  void at_boston() { at(42.4, -71.1, "US"); }
  void strategy(const char* name) { policy.strategy = find_strategy(name); }
  void fence(std::vector<FenceRule> rules) {
    policy.fence = std::make_shared<Fence>(regions->size(), std::move(rules));
  }
  /// One operator's term of each kind, as many as there can be.
  void numbers() {
    policy.numbers = {{"carbon", "g", Normaliser::half, 30, true},
                      {"queue", "jobs", Normaliser::max, 100, true},
                      {"spare", "", Normaliser::half, 30, false},
                      {"credit", "EUR", Normaliser::max, 100, false}};
  }
  void rtt(RegionIndex r, int ms) { states.of[r].rtt = base::Millis(ms); }

  Decision decide(uint64_t draw = 0) {
    rows.assign(regions->size(), {});
    return decision::decide(policy, states, facts, draw, rows);
  }
};

inline constexpr auto eu = TestWorld::eu, us = TestWorld::us, ap = TestWorld::ap;

/// How often each region wins over many draws.
inline std::array<int, 3> shares(TestWorld& w, int draws) {
  std::array<int, 3> out{};
  for (int i = 0; i < draws; ++i) ++out[w.decide(static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15).winner];
  return out;
}

/// What one term says of a region.
inline double value(TermIndex term, TestWorld& w, RegionIndex r) {
  return terms()[static_cast<size_t>(term)]->value({(*w.regions)[r], w.states.of[r], w.facts, w.policy});
}

}  // namespace rhumb::decision::testing
