// SPDX-License-Identifier: Apache-2.0
// The file of a recording: a head page that says what it is, a line for each lane with how many slots were ever
// written, then the lanes. Mapped by the one process that writes it, which holds a lock on it; read by anybody.
// Values that move; control thread and command line.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

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
  /// Goes on in `path` when another process of this boot left it there, of the same shape, and none writes it now; else
  /// that one becomes PATH.1 and a new one is made, all of its blocks allocated. `size` in bytes, at most; it must hold
  /// kLeastSlots of each lane. The error is a sentence.
  static base::Result<RingFile, std::string> open(const std::string& path, uint64_t size, uint32_t lanes);
  static constexpr uint64_t kLeastSlots = 1024;

  RingFile(RingFile&& other) noexcept;
  RingFile& operator=(RingFile&&) = delete;
  ~RingFile();

  const FileHead& head() const noexcept { return *reinterpret_cast<const FileHead*>(memory_); }
  std::byte* slots(uint32_t lane) noexcept;
  std::atomic<uint64_t>& written(uint32_t lane) noexcept;
  bool continued() const noexcept { return continued_; }

 private:
  RingFile(int fd, std::byte* memory, uint64_t size, bool continued) noexcept
      : fd_(fd), memory_(memory), size_(size), continued_(continued) {}
  static base::Result<RingFile, std::string> create(const std::string& path, const FileHead& head);
  static base::Result<RingFile, std::string> map(int fd, uint64_t size, bool continued);

  int fd_;
  std::byte* memory_;
  uint64_t size_;
  bool continued_;
};

}  // namespace rhumb::foresight
