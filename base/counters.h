// SPDX-License-Identifier: Apache-2.0
// Counters and histograms that cost one uncontended store: each thread writes its own cell, a scrape sums them.
// Cells are written by one thread and read by any.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace rhumb::base {

/// A monotonic counter or a gauge written by one thread.
class Cell {
 public:
  void add(uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void sub(uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  void set(uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Histogram with fixed buckets, as Prometheus counts them; one writing thread. `Scale` has kBounds, the upper bounds
/// (the last bucket is +Inf), and kUnit: so many of what is observed make one of what is shown.
template <class Scale>
class Histogram {
 public:
  static constexpr auto kBounds = Scale::kBounds;
  static constexpr double kUnit = Scale::kUnit;
  void observe(int64_t value) noexcept {
    size_t i = 0;
    while (i < kBounds.size() && value > kBounds[i]) ++i;
    buckets_[i].add();
    sum_.add(static_cast<uint64_t>(value < 0 ? 0 : value));
  }
  uint64_t bucket(size_t i) const noexcept { return buckets_[i].get(); }  // i in [0, kBounds.size()]
  uint64_t sum() const noexcept { return sum_.get(); }

 private:
  std::array<Cell, Scale::kBounds.size() + 1> buckets_;
  Cell sum_;
};

struct LatencyScale {  // microseconds, shown as seconds
  static constexpr std::array<int64_t, 16> kBounds{100,       250,       500,       1'000,     2'500,   5'000,
                                                   10'000,    25'000,    50'000,    100'000,   250'000, 500'000,
                                                   1'000'000, 2'500'000, 5'000'000, 10'000'000};
  static constexpr double kUnit = 1e6;
};
struct DistanceScale {  // kilometres; no two places are farther apart than 20,016
  static constexpr std::array<int64_t, 9> kBounds{0, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 15'000};
  static constexpr double kUnit = 1;
};

using DistanceHistogram = Histogram<DistanceScale>;
class LatencyHistogram : public Histogram<LatencyScale> {
 public:
  void observe(Micros value) noexcept { Histogram::observe(value.count()); }
  uint64_t sum_us() const noexcept { return sum(); }
};

}  // namespace rhumb::base
