// SPDX-License-Identifier: Apache-2.0
// The ordered filters of a route (or of the gateway itself), and the cursor of one exchange through them. A Chain is
// immutable and shared; a ChainCursor belongs to one exchange. Response filters run in reverse order.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "filters/filter.h"

namespace rhumb::filters {

class Chain {
 public:
  struct Entry {
    const FilterType* type;
    std::unique_ptr<const Filter> filter;
  };
  /// Sorts by phase, keeping the given order inside a phase.
  explicit Chain(std::vector<Entry> entries);
  std::span<const Entry> entries() const noexcept { return entries_; }
  size_t size() const noexcept { return entries_.size(); }
  /// Index of the first entry of this phase or a later one.
  uint16_t begin(Phase phase) const noexcept { return begin_[static_cast<size_t>(phase)]; }
  /// One past the last entry of this phase or an earlier one.
  uint16_t end(Phase phase) const noexcept {
    return phase == Phase::respond ? static_cast<uint16_t>(entries_.size()) : begin_[static_cast<size_t>(phase) + 1];
  }
  bool wants_response() const noexcept { return wants_response_; }

 private:
  std::vector<Entry> entries_;
  std::array<uint16_t, 5> begin_{};  // by phase
  bool wants_response_ = false;
};

/// Where one exchange stands in one chain. run_* returns next when all filters of the range agreed; pause when one
/// sleeps (call resume() with its wake); reply or fail when one ended the request.
class ChainCursor {
 public:
  void start(const Chain& chain, ExchangeView& view);  // gives the view its slots
  /// Filters of phases [from, to].
  Verdict run_request(FilterContext& ctx, Phase from, Phase to);
  /// The paused filter's on_wake, then the rest of its range. A wake with an old ticket is ignored: nullopt-like
  /// `stale` is true.
  Verdict resume(FilterContext& ctx, base::Wake wake, bool& stale);
  /// Response filters may not pause: one that does ends the exchange with an internal fault.
  Verdict run_response(FilterContext& ctx);
  bool paused() const noexcept { return paused_; }
  /// Who paused or ended it; only after a verdict other than next.
  const FilterType& stopped_by() const noexcept { return *chain_->entries()[at_].type; }
  /// The client left or the exchange ends: later wakes find nothing.
  void cancel() noexcept { ++ticket_, paused_ = false; }

 private:
  Verdict run(FilterContext& ctx);
  Verdict settle(Verdict verdict, uint16_t ticket_before);
  const Chain* chain_ = nullptr;
  uint16_t at_ = 0, end_ = 0, ticket_ = 0;
  bool paused_ = false;
};

}  // namespace rhumb::filters
