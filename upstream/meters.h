// SPDX-License-Identifier: Apache-2.0
// What workers measure of regions, in cells of their own: written by one worker, read by the control thread's board and
// the scrape. The table is keyed by region name and lives as long as the process, so counters go on over a reload.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "decision/decide.h"
#include "upstream/announced.h"

namespace rhumb::upstream {

/// One worker's figures of one region.
struct alignas(64) RegionMeter {
  /// Requests sent here, by why; and how much farther from their clients it is than the nearest region, where both
  /// places are known.
  std::array<base::Cell, static_cast<size_t>(decision::Reason::kCount)> decisions;
  base::DistanceHistogram detour;
  base::Cell in_flight;                      // gauge
  base::Cell requests, errors;               // attempts, and those that failed (no response head, or a 5xx)
  base::Cell latency_sum_us, latency_count;  // request sent to response head, successful attempts only
  base::Cell connects, connect_failures, reused;
  base::Cell retries;    // attempts here that were not a request's first
  base::Cell timeouts;   // attempts given up: no connection, no response head, or no more of the response in time
  base::Cell failovers;  // requests that went on to another region after an attempt here
};

class Meters {
 public:
  explicit Meters(unsigned workers) : workers_(workers) {}
  /// The meters of a region, one per worker; made on first use. Control thread only; the pointers stay valid for ever.
  std::vector<RegionMeter*> of(std::string_view region);
  /// What a region announces in a field, a cell for each worker; the rest as above. Whatever configuration asks for the
  /// same field of the same region gets the same cells.
  std::vector<Announced*> announced(std::string_view region, std::string_view field);
  unsigned workers() const noexcept { return workers_; }
  /// Visits (name, meters of all workers). Control thread.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [name, meters] : regions_) f(name, *meters);
  }

 private:
  unsigned workers_;
  std::map<std::string, std::unique_ptr<std::vector<RegionMeter>>, std::less<>> regions_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<std::vector<Announced>>> announced_;
};

}  // namespace rhumb::upstream
