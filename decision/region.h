// SPDX-License-Identifier: Apache-2.0
// Regions as configured (immutable, shared) and as they are doing (published by the board, one epoch at a time).
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "geo/facts.h"

namespace rhumb::decision {

using RegionIndex = uint8_t;
inline constexpr size_t kMaxRegions = 64;  // one bit each in a CandidateSet
inline constexpr RegionIndex kNoRegion = 255;
/// A quantity nothing is known of.
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
/// At most so many terms are the operator's own.
inline constexpr size_t kNumbers = 4;
template <class T>
constexpr std::array<T, kNumbers> unknown_numbers() noexcept {
  std::array<T, kNumbers> numbers{};
  numbers.fill(std::numeric_limits<T>::quiet_NaN());
  return numbers;
}

struct Region {
  std::string name;
  geo::Site at;
  bool has_point = false;
  geo::Country country;
  double weight = 100;
  int32_t priority = 1;     // lower is preferred
  double bias = 0;          // -99..99
  double price = kUnknown;  // at least zero
  /// For the operator's terms, by slot; at least zero.
  std::array<double, kNumbers> numbers = unknown_numbers<double>();
  base::Micros max_latency{};       // zero: none
  uint64_t max_requests = 0;        // in flight, this gateway; zero: no limit
  double dial = 1;                  // as configured; what is in force stands in the RegionState
  std::vector<RegionIndex> backup;  // explicit, in order
};
using Regions = std::vector<Region>;

/// How one region is doing, as all workers of this gateway see it.
struct RegionState {
  base::Micros rtt{};                      // gateway to region, EWMA over probes and requests; zero: not measured
  uint32_t in_flight = 0;                  // requests of this gateway
  float error_rate = 0;                    // 0..1, EWMA
  uint64_t endpoints_up = ~uint64_t{0};    // a bit per endpoint of the region
  uint64_t endpoints_left = ~uint64_t{0};  // those no operator has forced down: what panic may use
  float dial = 1;                          // 0..1: share of new clients that it takes of those it would get
  bool healthy = true;                     // some endpoint is up
  bool draining = false;                   // keeps what is bound, takes nothing new
  /// What it announces for the operator's terms, by slot; unknown: the file's counts.
  std::array<float, kNumbers> numbers = unknown_numbers<float>();
};

/// Would it take a client that is not bound to it?
inline bool takes_new_clients(const RegionState& state) noexcept {
  return state.healthy && !state.draining && state.dial > 0;
}
/// In panic what checks say counts nothing; what an operator says still does.
inline bool usable(const RegionState& state, bool panic) noexcept {
  return state.healthy || (panic && state.endpoints_left != 0);
}

/// For worlds that are only thought of: down beyond doubt, so that not even panic asks it, or up.
inline void set_down(RegionState& state, bool down) noexcept {
  state.healthy = !down;
  state.endpoints_up = state.endpoints_left = down ? 0 : ~uint64_t{0};
}

struct RegionStates {
  uint64_t epoch = 0;
  std::vector<RegionState> of;     // by RegionIndex
  std::vector<std::string> notes;  // for explain, by RegionIndex: what an operator has set, what a check said. Or empty
};

/// Of regions that nobody probes: everything up, nothing measured, the configured dials.
RegionStates unmeasured(const Regions& regions);

}  // namespace rhumb::decision
