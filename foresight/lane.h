// SPDX-License-Identifier: Apache-2.0
// One worker's part of a recording: a ring of slots in a mapped file. Writing is copying 256 bytes: no system call, no
// allocation, and what was written outlives the process, however it ends. The recorder owns the file; one worker
// writes.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>

#include "decision/region.h"
#include "foresight/record.h"

namespace rhumb::foresight {

/// What of a decision is recorded beyond what decided.
struct LanePrivacy {
  bool clients = true;  // their networks
  bool targets = true;  // method, host and path
};

class Lane {
 public:
  /// `slots` are `count` of them, at least one; `head` is where readers and the next process find how many were ever
  /// written, and holds what a process before this one has written.
  Lane(std::byte* slots, uint64_t count, std::atomic<uint64_t>& head) noexcept;

  /// `states` are those that were decided on. About 150 ns.
  void record(const Decided& decided, const decision::RegionStates& states, const Target& target, LanePrivacy privacy,
              base::WallTime now) noexcept;

  // Any thread.
  uint64_t written() const noexcept { return head_->load(std::memory_order_relaxed); }
  std::byte* slots() const noexcept { return slots_; }
  uint64_t count() const noexcept { return count_; }

 private:
  static constexpr size_t kTargets = 1024;
  struct Known {
    uint64_t id = 0, sequence = 0;
  };

  /// What nobody has repeated for so long may be overwritten before what refers to it.
  bool fresh(uint64_t sequence) const noexcept { return sequence != 0 && sequence_ - sequence < count_ / 2; }
  uint64_t keep(const decision::RegionStates& states, int64_t now) noexcept;
  uint64_t keep(const Target& target, int64_t now) noexcept;
  template <class Body>
  void write(Slot<Body>& slot, SlotKind kind, int64_t now) noexcept;

  std::byte* slots_;
  uint64_t count_;
  std::atomic<uint64_t>* head_;
  uint64_t sequence_, place_;  // of the last one written; where the next one goes
  uint64_t states_epoch_ = 0;
  Known states_;
  std::array<Known, kTargets> targets_{};
};

}  // namespace rhumb::foresight
