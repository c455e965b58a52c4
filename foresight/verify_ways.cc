// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_ways.h"

#include <bit>

namespace rhumb::foresight {
namespace {

using decision::Policy;
using decision::RegionIndex;
using decision::Regions;
using decision::RegionStates;

bool may_choose(const Policy& policy, size_t region) { return (policy.allowed >> region & 1) != 0; }

/// Regions that take a share of what they would get.
std::vector<size_t> dialled(const Policy& policy) {
  std::vector<size_t> found;
  for (size_t r = 0; r < policy.regions->size(); ++r) {
    const double dial = (*policy.regions)[r].dial;
    if (may_choose(policy, r) && dial > 0 && dial < 1) found.push_back(r);
  }
  return found;
}

/// Which of `count` are outside their dial, a bit each.
std::vector<uint64_t> falls_of(size_t count) {
  constexpr size_t kExact = 6;
  std::vector<uint64_t> falls = {0};
  if (count <= kExact) {
    for (uint64_t out = 1; out < uint64_t{1} << count; ++out) falls.push_back(out);
    return falls;
  }
  for (size_t a = 0; a < count; ++a)
    for (size_t b = a; b < count; ++b) falls.push_back(uint64_t{1} << a | uint64_t{1} << b);
  falls.push_back((uint64_t{1} << (count - 1) << 1) - 1);
  return falls;
}

/// A region with this weight is drawn before all others of its kind; one that has none, before all others without.
void draw_first(Way& way, size_t first) {
  constexpr double kAll = 1e200, kLeast = 1e-200;
  auto regions = std::make_shared<Regions>(*way.policy.regions);
  double& weight = (*regions)[first].weight;
  weight = weight > 0 ? kAll : kLeast;
  way.policy.regions = std::move(regions);
}

/// Any measurement is as good as another: what it shows is who is the fastest.
void run_first(Way& way, size_t first) {
  for (auto& state : way.states.of) state.rtt = base::Micros(2);
  way.states.of[first].rtt = base::Micros(1);
}

std::vector<Way> drawn_ways(const Way& plain) {
  const decision::StrategyType& strategy = *plain.policy.strategy;
  if (strategy.geographic) return {plain};
  std::vector<Way> ways;
  for (size_t r = 0; r < plain.policy.regions->size(); ++r) {
    if (!may_choose(plain.policy, r)) continue;
    Way& way = ways.emplace_back(plain);
    if (strategy.sequential)
      way.draw = ways.size() - 1;
    else if (strategy.name == "latency")
      run_first(way, r);
    else
      draw_first(way, r);
  }
  return ways.empty() ? std::vector{plain} : ways;
}

}  // namespace

bool is_drawn(const Policy& policy) { return !policy.strategy->geographic || !dialled(policy).empty(); }

std::vector<Way> ways_of(const Policy& policy) {
  Way plain{policy, decision::unmeasured(*policy.regions), 0};
  // What nothing is known of cannot be better or worse by its latency: going astray from it changes nothing.
  plain.policy.exploration = 0;
  const std::vector<size_t> dials = dialled(policy);
  std::vector<Way> all;
  for (const uint64_t out : falls_of(dials.size())) {
    for (size_t i = 0; i < dials.size(); ++i) plain.states.of[dials[i]].dial = (out >> i & 1) != 0 ? 0 : 1;
    for (Way& way : drawn_ways(plain)) all.push_back(std::move(way));
  }
  return all;
}

decision::Decision Decider::decide(const Policy& policy, RegionStates& states, const decision::RequestFacts& facts,
                                   uint64_t draw, uint64_t down) {
  const size_t count = policy.regions->size();
  rows_.resize(count);
  for (size_t r = 0; r < count; ++r) set_down(states.of[r], (down >> r & 1) != 0);
  return decision::decide(policy, states, facts, draw, rows_);
}

}  // namespace rhumb::foresight
