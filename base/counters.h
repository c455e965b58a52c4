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

/// Latency histogram with fixed Prometheus-style buckets; one writing thread.
class LatencyHistogram {
 public:
  /// Upper bounds in microseconds; the last bucket is +Inf.
  static constexpr std::array<int64_t, 16> kBounds{100,       250,       500,       1'000,     2'500,   5'000,
                                                   10'000,    25'000,    50'000,    100'000,   250'000, 500'000,
                                                   1'000'000, 2'500'000, 5'000'000, 10'000'000};
  void observe(Micros value) noexcept {
    size_t i = 0;
    while (i < kBounds.size() && value.count() > kBounds[i]) ++i;
    buckets_[i].add();
    sum_us_.add(static_cast<uint64_t>(value.count() < 0 ? 0 : value.count()));
  }
  uint64_t bucket(size_t i) const noexcept { return buckets_[i].get(); }  // i in [0, kBounds.size()]
  uint64_t sum_us() const noexcept { return sum_us_.get(); }

 private:
  std::array<Cell, kBounds.size() + 1> buckets_;
  Cell sum_us_;
};

}  // namespace rhumb::base
