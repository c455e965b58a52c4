// SPDX-License-Identifier: Apache-2.0
// Every set of at most so many regions that are down at once, fewest first. Immutable once made; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace rhumb::foresight {

class Failures {
 public:
  Failures(size_t regions, unsigned most);
  /// A bit for each region that is down. The first one is empty.
  std::span<const uint64_t> sets() const noexcept { return sets_; }
  /// Those with just so many down.
  std::span<const uint64_t> sets_of(unsigned down) const noexcept;
  /// Where in sets() it stands; it must be one of them.
  size_t index_of(uint64_t set) const { return index_.at(set); }

 private:
  void add(uint64_t begun, size_t from, size_t regions, unsigned more);
  std::vector<uint64_t> sets_;
  std::vector<size_t> ends_;  // of the sets with 0, 1, ... down
  std::unordered_map<uint64_t, size_t> index_;
};

}  // namespace rhumb::foresight
