// SPDX-License-Identifier: Apache-2.0
// decide(): fence -> candidates -> terms -> pick. Pure: no clock, no global, no I/O; the same inputs give the same
// decision, bit for bit, on any thread. The data path, explain, tests and benchmarks all call this one function.
//
// 1. Removal, in this order, the first reason is kept in the region's row: fence, route, tried, unhealthy, draining,
//    dial, at_capacity, too_slow. When too_slow would take the last ones and the policy says so, all of them stay,
//    latency weighs nothing and the reason becomes all_slow. When no region that fence and route allow takes new
//    clients and the policy says so, there is panic: unhealthy removes only what an operator forced down.
// 2. A kept preference wins (sticky) if the fence and the route allow its region, it is not tried yet and is healthy
//    (in panic: not forced down). It ignores draining, dial, capacity and slowness: those are about new clients. Else
//    Decision::affinity says what broke it.
// 3. Geographic strategies ask the country table, and for clients of whom nothing is known the default region. If that
//    region is no candidate, the first candidate of its backup list.
// 4. The strategy picks. If the region it would pick among all that fence and route allow is removed and has a backup
//    list, the first candidate of that list wins (backup); else the best of the candidates.
// 5. A winner that looks down won by panic, whatever else spoke for it.
// docs/decision.md has the same with worked examples.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "decision/facts.h"
#include "decision/fence.h"
#include "decision/number.h"
#include "decision/region.h"
#include "decision/strategy.h"
#include "decision/term.h"

namespace rhumb::decision {

/// Why the winner won, or why nobody did. A closed list; names are metric labels and log values.
enum class Reason : uint8_t {
  best_score,
  nearest,
  fastest,
  weighted,
  round_robin,
  priority,  // the strategies
  only_candidate,
  sticky,
  country,
  default_region,
  backup,
  exploration,
  all_slow,
  panic,
  no_healthy_region,
  fenced,
  kCount
};
std::string_view name(Reason reason) noexcept;

/// What took a region out of the candidates.
enum class Removed : uint8_t { no, fence, route, tried, unhealthy, draining, dial, too_slow, at_capacity, kCount };
std::string_view name(Removed removed) noexcept;

/// One region's line in a decision.
struct Candidate {
  RegionIndex region = kNoRegion;
  Removed removed = Removed::no;
  uint16_t unused = 0;  // so that equal rows are equal bytes
  float score = 0;      // sum of weight * value; computed for removed ones too, so that explain can show it
  std::array<float, kTerms> values{};  // those the policy has; zero behind them
};

/// What of the configuration decides. Immutable; part of a route's slice.
struct Policy {
  std::shared_ptr<const Regions> regions;
  std::shared_ptr<const Fence> fence;
  uint64_t allowed = ~uint64_t{0};         // the route's regions, a bit each
  const StrategyType* strategy = nullptr;  // never null in use
  std::vector<NumberTerm> numbers;         // the operator's terms, by slot; at most kNumbers
  std::array<double, kTerms> weights{};
  /// country -> region, sorted by code; asked by score and geographic before distance
  std::vector<std::pair<geo::Country, RegionIndex>> countries;
  RegionIndex default_region = kNoRegion;
  double exploration = 0;  // share of draws that ignore latency
  bool ignore_latency_when_all_slow = true;
  bool panic = true;      // serve even where no region looks up
  double max_weight = 1;  // over all regions
  double max_price = 0;   // over all regions that have one
};

struct Decision {
  RegionIndex winner = kNoRegion;
  RegionIndex runner_up = kNoRegion;
  Reason reason = Reason::no_healthy_region;
  Affinity affinity = Affinity::none;  // what became of the client's preference
  bool all_slow = false;               // latency weighed nothing, whatever the reason is
  uint64_t states_epoch = 0;
  uint64_t draw = 0;
  std::span<const Candidate> candidates;  // one per configured region, in the caller's storage
};

/// `rows` must hold one Candidate per region; the decision views it. About 1 us for 7 regions; no allocation.
Decision decide(const Policy& policy, const RegionStates& states, const RequestFacts& facts, uint64_t draw,
                std::span<Candidate> rows) noexcept;

}  // namespace rhumb::decision
