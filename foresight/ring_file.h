// SPDX-License-Identifier: Apache-2.0
// The file of a recording: a head page that says what it is, a line for each lane with how many slots were ever
// written, then the lanes. Written by one process, which holds a lock on it; read by anybody. Nobody maps it: what
// becomes of it, on a full disk or under somebody's hands, is an error of a call and nothing worse. Values that move;
// one thread at a time; all calls block on the disk.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "foresight/own_directory.h"

namespace rhumb::foresight {

/// The beginning of the file, as it lies there.
struct FileHead {
  char magic[8] = {'R', 'H', 'U', 'M', 'B', 'R', 'E', 'C'};
  uint32_t version = 0, slot_size = 0;
  uint32_t lanes = 0, unused = 0;
  uint64_t slots_of_a_lane = 0;
  int64_t created = 0;   // wall clock, microseconds since 1970
  char boot[40] = {};    // of the machine: what an earlier one wrote may not all have reached the disk
  char terms[512] = {};  // names in the order of a row's values, with spaces between
};

/// Where the lanes begin, and the size of all.
uint64_t lanes_at(uint32_t lanes) noexcept;
uint64_t file_size(const FileHead& head) noexcept;
/// The built-in terms of this binary, as FileHead::terms; the operator's own stand in the policies.
std::string term_names();
/// Empty: this binary reads such a file of `size` bytes; else why not.
std::string why_unreadable(const FileHead& head, uint64_t size);

class RingFile {
 public:
  /// Goes on in the file `name` when another process of this boot left it there, of the same shape, and none writes it
  /// now; else that one becomes NAME.1 and a new one is made, all of its blocks allocated. `size` in bytes, at most; it
  /// must hold kLeastSlots of each lane. The error is a sentence.
  static base::Result<RingFile, std::string> open(const OwnDirectory& directory, const std::string& name, uint64_t size,
                                                  uint32_t lanes);
  static constexpr uint64_t kLeastSlots = 1024;

  const FileHead& head() const noexcept { return head_; }
  /// Slots that were ever written into a lane.
  uint64_t written(uint32_t lane) const noexcept { return written_[lane]; }
  bool continued() const noexcept { return continued_; }

  /// Whole slots behind what the lane has. The error is errno; then nothing counts as written.
  base::Result<void, int> append(uint32_t lane, std::span<const std::byte> slots) noexcept;
  /// Whether the file is what it was when it was opened: nobody has cut it off or written over its head. Two system
  /// calls.
  bool intact() const noexcept;
  /// Makes it so again; what was cut off stays empty. The error is errno.
  base::Result<void, int> restore() noexcept;

 private:
  RingFile(OwnFile file, const FileHead& head);
  static base::Result<RingFile, std::string> create(const OwnDirectory& directory, const std::string& name,
                                                    const FileHead& head);
  uint64_t at(uint32_t lane, uint64_t slot) const noexcept;
  void find_written() noexcept;
  base::Result<void, int> count(uint32_t lane) noexcept;

  OwnFile file_;
  FileHead head_;
  std::vector<uint64_t> written_;  // by lane
  bool continued_ = false;
};

}  // namespace rhumb::foresight
