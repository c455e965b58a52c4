// SPDX-License-Identifier: Apache-2.0
// The regions still in question. Only the Fence makes one and everything after can only narrow it, so no later step
// (retry, failover, hand-off) can bring back a region the fence kept out. A value; any thread.
#pragma once
#include <bit>
#include <cstdint>

#include "decision/region.h"

namespace rhumb::decision {

class CandidateSet {
 public:
  template <class Keep>
  [[nodiscard]] CandidateSet narrowed(Keep&& keep) const noexcept {
    uint64_t bits = 0;
    for_each([&](RegionIndex r) { bits |= keep(r) ? uint64_t{1} << r : 0; });
    return CandidateSet(bits);
  }
  template <class F>
  void for_each(F&& f) const noexcept {
    for (uint64_t rest = bits_; rest != 0; rest &= rest - 1) f(static_cast<RegionIndex>(std::countr_zero(rest)));
  }
  /// The lowest; the set must not be empty.
  RegionIndex first() const noexcept { return static_cast<RegionIndex>(std::countr_zero(bits_)); }
  bool contains(RegionIndex r) const noexcept { return r < kMaxRegions && ((bits_ >> r) & 1) != 0; }
  bool empty() const noexcept { return bits_ == 0; }
  size_t size() const noexcept { return static_cast<size_t>(std::popcount(bits_)); }

 private:
  friend class Fence;
  explicit CandidateSet(uint64_t bits) noexcept : bits_(bits) {}
  uint64_t bits_;
};

}  // namespace rhumb::decision
