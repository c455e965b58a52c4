// SPDX-License-Identifier: Apache-2.0
// The gateway's own counters: per worker, in cells each worker writes alone, summed by a scrape. Series live as long as
// the process, so a reload does not reset them. Made by the control thread; cells written by their worker.
#pragma once
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/address_counts.h"
#include "base/counters.h"
#include "base/fault.h"
#include "base/memory.h"
#include "decision/decide.h"
#include "foresight/recorder_counts.h"
#include "sessions/seal_count.h"

namespace rhumb::admin {

/// RED of one route and region, of one worker.
struct alignas(64) RouteCells {
  std::array<base::Cell, 6> responses;  // by status class; [0]: ended without a response
  base::LatencyHistogram duration;      // request head read to response ended
  base::LatencyHistogram
      overhead;  // of it, spent in the gateway: head read to upstream send, response head to client send
  base::Cell bytes_in, bytes_out;  // bodies
};

/// What one worker counts of itself. The ledger: at idle, `requests` is `answered` plus all of `cut`.
struct alignas(64) WorkerCells {
  base::Cell accepted, connections;  // total, and open now (gauge)
  base::Cell refused_per_ip, refused_descriptors;
  base::Cell requests, exchanges;                                            // total, and alive now (gauge)
  base::Cell tunnels;                                                        // open now (gauge)
  base::Cell answered;                                                       // requests whose response went out whole
  std::array<base::Cell, static_cast<size_t>(base::FaultKind::kCount)> cut;  // the others, by what cut them
  std::array<base::Cell, static_cast<size_t>(base::FaultKind::kCount)> faults;
  std::array<base::Cell, static_cast<size_t>(decision::Reason::kCount)> undecided;  // requests no region was found for
  std::array<base::Cell, static_cast<size_t>(decision::Affinity::kCount)> affinity;
  base::Cell geo_found, geo_unknown;
  base::Cell retries, stale_wakes, accept_errors, log_dropped;
  base::Cell made_private,
      left_out;                 // responses a shared cache may store, and what was a client's own: sessions.cacheable
  base::Cell log_sampled_out;   // lines that access_log.sample left out
  base::Cell recorded;          // decisions that went into the recording
  base::Cell unrecorded;        // for which its queue had no room
  base::Cell pipes_refused;     // large bodies are copied then
  base::Cell generation;        // of the configuration it runs
  base::LatencyHistogram turn;  // loop turns' working time
  base::LatencyHistogram lag;   // how late due timers had their turn
  base::Cell stalls;            // of turns; written by the watchdog
  RouteCells* unrouted;         // of requests that reached no route; never null
};

/// What one worker counts of one listener.
struct alignas(64) ListenerCounts {
  std::array<base::Cell, 6> responses;  // by status class, as in RouteCells
};

/// Open connections of one listener over all its workers, who count in it; and what each of them counts alone.
struct ListenerCells {
  ListenerCells(std::atomic<uint64_t>& all, size_t workers) : process(all), by_worker(workers) {}
  std::atomic<uint64_t> connections{0};
  std::atomic<uint64_t>& process;  // the same of all listeners together
  base::AddressCounts addresses;
  std::vector<ListenerCounts> by_worker;
};

class Registry {
 public:
  /// Series one route and region have in a scrape, and how many all of them together may have.
  static constexpr size_t kSeriesOfAPair = 46, kMaxSeries = 50'000;
  static constexpr std::string_view kOther = "(other)";

  explicit Registry(unsigned workers);
  unsigned workers() const noexcept { return static_cast<unsigned>(workers_.size()); }
  WorkerCells& worker(unsigned index) noexcept { return *workers_[index]; }
  /// Cells of (route, region), one per worker; made on first use. Region "" stands for none. Past kMaxSeries those of
  /// kOther and kOther, and the series that are not made are counted. Control thread; pointers valid for ever.
  std::vector<RouteCells*> route(std::string_view route, std::string_view region);
  /// Made on first use. Control thread; valid for ever.
  ListenerCells& listener(std::string_view name);
  /// How often a key has sealed, by sessions::key_name(). Made on first use. Control thread; valid for ever.
  sessions::SealCount& seals(uint64_t key) { return seals_[key]; }
  /// Set by the control thread, heeded by the workers.
  base::Strain strain() const noexcept { return strain_.load(std::memory_order_relaxed); }
  void set_strain(base::Strain strain) noexcept { strain_.store(strain, std::memory_order_relaxed); }
  template <class F>
  void for_each_route(F&& f) const {
    for (const auto& [key, cells] : routes_) f(key.first, key.second, *cells);
  }
  template <class F>
  void for_each_listener(F&& f) const {
    for (const auto& [name, cells] : listeners_) f(name, cells);
  }
  template <class F>
  void for_each_worker(F&& f) const {
    for (const auto& cells : workers_) f(*cells);
  }

  uint64_t series_dropped() const noexcept { return dropped_.size() * kSeriesOfAPair; }
  /// Lines of the access log that its file did not take. Written by the log's thread alone.
  base::Cell& log_unwritten() noexcept { return log_unwritten_; }
  const base::Cell& log_unwritten() const noexcept { return log_unwritten_; }
  /// Written by the recorder's writer alone.
  foresight::RecorderCounts& recorder() noexcept { return recorder_; }
  const foresight::RecorderCounts& recorder() const noexcept { return recorder_; }

 private:
  base::Cell log_unwritten_;
  foresight::RecorderCounts recorder_;
  std::vector<std::unique_ptr<WorkerCells>> workers_;
  std::vector<RouteCells*> cells_of(std::string_view route, std::string_view region);
  std::map<std::pair<std::string, std::string>, std::unique_ptr<std::vector<RouteCells>>> routes_;
  std::set<std::pair<std::string, std::string>> dropped_;
  std::atomic<uint64_t> connections_{0};
  std::atomic<base::Strain> strain_{base::Strain::none};
  std::map<std::string, ListenerCells> listeners_;
  std::map<uint64_t, sessions::SealCount> seals_;
};

}  // namespace rhumb::admin
