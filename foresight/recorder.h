// SPDX-License-Identifier: Apache-2.0
// The flight recorder: a directory with the ring of decisions ("decisions", and "decisions.1" of the process before)
// and one file for each set of policies that records refer to ("policies-ID"). Owned by the control thread; each worker
// records into its lane, and a thread of its own, the writer, puts into the files what waits in the lanes. Nobody else
// touches a file after open(), so a disk that is slow, full or broken delays nobody.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "foresight/lane.h"
#include "foresight/own_directory.h"
#include "foresight/recorder_counts.h"
#include "foresight/ring_file.h"

namespace rhumb::foresight {

inline constexpr std::string_view kRingName = "decisions";
/// Of the file in which policies lie.
std::string policies_name(uint64_t id);

class Recorder {
 public:
  /// The directory is made when it is missing. One in which others could put files, or a link, is refused, and so is
  /// such a ring. `counts` outlives the recorder. The error is a sentence.
  static base::Result<std::unique_ptr<Recorder>, std::string> open(const std::string& directory, uint64_t size,
                                                                   unsigned lanes, RecorderCounts& counts);
  ~Recorder();  // writes what waits

  /// What each lane has room for in memory: 8192 slots (2 MiB), the least, or a quarter of its lane in the file.
  static constexpr uint64_t kQueue = 8192;
  Lane& lane(unsigned worker) noexcept { return lanes_[worker]; }

  /// Has the writer keep what records will refer to from now on, and remove what no slot can refer to any more, and the
  /// oldest past kMostPolicies. Of more than kMostWaiting bytes that cannot be written the oldest are lost.
  void keep(uint64_t id, std::string bytes);
  /// From now on the writer writes, each kEach.
  /// Why there is no room for its thread, if so.
  base::Result<void, std::string> start();
  static constexpr base::Micros kEach = base::Millis(50), kRetry = base::Seconds(1);
  static constexpr size_t kMostWaiting = 16 << 20;

  /// Writes what waits; what cannot be written goes on waiting, is counted, and said once. Blocks on the disk: for the
  /// writer, and before start() for whoever is the only one to call.
  void write();

  const std::string& directory() const noexcept { return directory_.path(); }
  bool continued() const noexcept { return ring_.continued(); }

  /// Sets of them that are kept, as long as they take no more room than a quarter of the ring.
  static constexpr size_t kMostPolicies = 1000;

 private:
  struct Kept {
    uint64_t id, bytes;
    std::vector<uint64_t> replaced_at;  // what each lane had recorded when others came; empty: in use
  };
  struct Waiting {
    uint64_t id;
    std::string bytes;
  };
  struct alignas(64) QueueSlot {
    std::byte bytes[kSlotSize];
  };
  Recorder(OwnDirectory directory, RingFile ring, RecorderCounts& counts);
  void run();
  std::shared_ptr<const Waiting> next_waiting();
  std::shared_ptr<const Waiting> drop_waiting();
  std::string write_policies();
  std::string write_policies(const Waiting& policies);
  std::string write_lanes();
  std::string mend_ring();
  void adopt_files();
  void forget_old();
  size_t surplus() const noexcept;

  // The writer's, once there is one.
  OwnDirectory directory_;
  RingFile ring_;
  RecorderCounts& counts_;
  std::vector<Kept> kept_;  // oldest first
  bool failing_ = false;

  std::vector<QueueSlot> queues_;  // every page of them is there from the beginning
  std::deque<Lane> lanes_;

  std::mutex mutex_;  // of what follows; never held while anything is written
  std::condition_variable wake_;
  std::deque<std::shared_ptr<const Waiting>> waiting_;
  size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rhumb::foresight
