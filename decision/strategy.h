// SPDX-License-Identifier: Apache-2.0
// How one of the candidates is picked. One file each in strategies/, one line each in config/strategies.def. Pure
// functions.
#pragma once
#include <span>
#include <string_view>

#include "decision/candidate_set.h"
#include "decision/region.h"

namespace rhumb::decision {

struct Policy;
struct Candidate;
struct RequestFacts;
enum class Reason : uint8_t;

struct PickInput {
  const Policy& policy;
  const RegionStates& states;
  const RequestFacts& facts;
  std::span<const Candidate> rows;  // by RegionIndex
  uint64_t draw;
  bool explore = true;          // may this pick go astray on purpose, to keep measurements fresh?
  bool ignore_latency = false;  // every candidate is slow
};
/// The runner-up is who the same strategy would take without the winner. After an exploration: who would have won
/// without it.
struct Pick {
  RegionIndex winner = kNoRegion, runner_up = kNoRegion;
  Reason reason;
};

struct StrategyType {
  std::string_view name, summary;
  /// The candidates are never empty. Must not look outside them.
  Pick (*pick)(const PickInput&, const CandidateSet&) noexcept;
  bool geographic = false;  // asks the country table and the default region first
  bool drawn = false;       // equal requests may get different regions, by draw or by turn
  bool sequential = false;  // wants consecutive draws (round robin) instead of random ones
};

std::span<const StrategyType* const> strategies() noexcept;
const StrategyType* find_strategy(std::string_view name) noexcept;  // nullptr: unknown

// strategies/NAME.cc defines NAME_strategy.
#define RHUMB_STRATEGY(name) extern const StrategyType name##_strategy;
#include "config/strategies.def"
#undef RHUMB_STRATEGY

}  // namespace rhumb::decision
