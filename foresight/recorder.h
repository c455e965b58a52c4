// SPDX-License-Identifier: Apache-2.0
// The flight recorder: a directory with the ring of decisions ("decisions", and "decisions.1" of the process before)
// and one file for each set of policies that records refer to ("policies-ID"). Owned by the control thread, which alone
// calls it; each worker writes its lane.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "foresight/lane.h"
#include "foresight/ring_file.h"

namespace rhumb::foresight {

inline constexpr std::string_view kRingName = "decisions";
/// Of the file in which policies lie.
std::string policies_name(uint64_t id);

class Recorder {
 public:
  /// The directory is made when it is missing. The error is a sentence.
  static base::Result<std::unique_ptr<Recorder>, std::string> open(const std::string& directory, uint64_t size,
                                                                   unsigned lanes);

  Lane& lane(unsigned worker) noexcept { return lanes_[worker]; }
  /// Keeps what records will refer to from now on; removes what no slot can refer to any more, and the oldest past
  /// kMostPolicies. The error is a sentence: nothing was kept.
  base::Result<void, std::string> keep(uint64_t id, std::string_view bytes);
  /// Has the kernel make the pages ready that the lanes write next, so that no worker waits for one. Often: each 100
  /// ms.
  void prepare() noexcept;

  const std::string& directory() const noexcept { return directory_; }
  bool continued() const noexcept { return ring_.continued(); }

  /// Sets of them that are kept, as long as they take no more room than a quarter of the ring.
  static constexpr size_t kMostPolicies = 1000;

 private:
  /// Slots that are made ready ahead of each lane: what 80,000 decisions a second need in 100 ms.
  static constexpr uint64_t kAhead = 8192;
  struct Kept {
    uint64_t id, bytes;
    std::vector<uint64_t> replaced_at;  // what each lane had written when others came; empty: in use
  };
  Recorder(std::string directory, RingFile ring);
  void adopt_files();
  std::string path_of(uint64_t id) const;
  void forget_old();
  size_t surplus() const noexcept;

  std::string directory_;
  RingFile ring_;
  std::deque<Lane> lanes_;
  std::vector<uint64_t> ready_;  // by lane: the slots up to this number are
  std::vector<Kept> kept_;       // oldest first
};

}  // namespace rhumb::foresight
