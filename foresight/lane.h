// SPDX-License-Identifier: Apache-2.0
// One worker's part of a recording: a short queue of slots in memory that a writer takes from and puts into the lane of
// a ring file. Recording is copying 256 bytes: no system call, no allocation, no page of a file, no waiting. When the
// queue is full because the disk takes nothing, what comes is not recorded. The recorder owns the memory; one worker
// records, one writer takes.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <span>

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
  /// Most slots that one decision takes: all parts of the states, the target, itself.
  static constexpr uint64_t kMostSlots =
      (decision::kMaxRegions + StatesRecord::kOfAPart - 1) / StatesRecord::kOfAPart + 2;

  /// `queue` has room for kMostSlots or more. `count`: slots of the lane in the file; `written`: what processes before
  /// this one have written into it.
  Lane(std::span<std::byte> queue, uint64_t count, uint64_t written) noexcept;

  /// `states` are those that were decided on. About 150 ns. False: the queue is full, and nothing was recorded.
  bool record(const Decided& decided, const decision::RegionStates& states, const Target& target, LanePrivacy privacy,
              base::WallTime now) noexcept;

  // The writer.
  /// Slots that wait, as many as lie side by side.
  std::span<const std::byte> waiting() const noexcept;
  /// So many bytes of them are where they belong.
  void take(size_t bytes) noexcept {
    taken_.store(taken_.load(std::memory_order_relaxed) + bytes / kSlotSize, std::memory_order_release);
  }

  // Any thread. Slots of this lane since the file was made: put into the queue, and out of it again.
  uint64_t queued() const noexcept { return queued_.load(std::memory_order_acquire); }
  uint64_t taken() const noexcept { return taken_.load(std::memory_order_acquire); }
  uint64_t count() const noexcept { return count_; }

 private:
  static constexpr size_t kTargets = 1024;
  struct Known {
    uint64_t id = 0, sequence = 0;
  };

  bool has_room() noexcept;
  /// What nobody has repeated for so long may be overwritten before what refers to it.
  bool fresh(uint64_t sequence) const noexcept { return sequence != 0 && sequence_ - sequence < count_ / 2; }
  uint64_t keep(const decision::RegionStates& states, int64_t now) noexcept;
  uint64_t keep(const Target& target, int64_t now) noexcept;
  template <class Body>
  void write(Slot<Body>& slot, SlotKind kind, int64_t now) noexcept;

  std::byte* queue_;
  uint64_t room_, count_;      // slots of the queue, and of the lane in the file
  uint64_t sequence_, place_;  // of the last one recorded; where in the queue the next one goes
  uint64_t taken_before_;      // what taken_ was when it was last looked at
  uint64_t first_;             // sequence before the first of this process: lies at the queue's beginning
  uint64_t states_epoch_ = 0;
  Known states_;
  std::array<Known, kTargets> targets_{};
  alignas(64) std::atomic<uint64_t> queued_;  // written by the worker
  alignas(64) std::atomic<uint64_t> taken_;   // written by the writer
};

}  // namespace rhumb::foresight
