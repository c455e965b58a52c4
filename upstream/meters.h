// SPDX-License-Identifier: Apache-2.0
// What workers measure of regions, in cells of their own: written by one worker, read by the control thread's board and
// the scrape. The table is keyed by region name and lives as long as the process, so counters go on over a reload.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"

namespace rhumb::upstream {

/// One worker's figures of one region.
struct alignas(64) RegionMeter {
  base::Cell in_flight;                      // gauge
  base::Cell requests, errors;               // attempts, and those that failed (no response head, or a 5xx)
  base::Cell latency_sum_us, latency_count;  // request sent to response head, successful attempts only
  base::Cell connects, connect_failures, reused, retries;
};

class Meters {
 public:
  explicit Meters(unsigned workers) : workers_(workers) {}
  /// The meters of a region, one per worker; made on first use. Control thread only; the pointers stay valid for ever.
  std::vector<RegionMeter*> of(std::string_view region);
  unsigned workers() const noexcept { return workers_; }
  /// Visits (name, meters of all workers). Control thread.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [name, meters] : regions_) f(name, *meters);
  }

 private:
  unsigned workers_;
  std::map<std::string, std::unique_ptr<std::vector<RegionMeter>>, std::less<>> regions_;
};

}  // namespace rhumb::upstream
