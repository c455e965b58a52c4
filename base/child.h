// SPDX-License-Identifier: Apache-2.0
// Looks at bytes nobody vouches for in a process of its own: this very program, started again with limits of memory
// and time. Whatever the look does to that process, this one hears "refused" and a reason. Blocking; any thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rhumb::base {

/// Says what is wrong with what is behind a descriptor, or nothing. Runs in the child.
using ChildWork = Result<void, std::string> (*)(int fd);

struct ChildLimits {
  uint64_t memory = 0;           // bytes of address space; not set under a sanitizer, which reserves terabytes
  std::chrono::seconds time{0};  // of the clock, and of the processor
};

/// Runs `/proc/self/exe COMMAND 3`, which main() must answer with child_main(3, ...), and passes `fd` on as descriptor
/// 3. The error is what the work said, or how the child failed: "the process that checked it died (signal 11)".
Result<void, std::string> run_child(const char* command, int fd, const ChildLimits& limits);

/// The child's side: sets the limits, runs the work, gives the exit code. Memory that runs out is refused in words. It
/// does not outlive the thread that waits for it.
int child_main(int fd, const ChildLimits& limits, ChildWork work) noexcept;

/// A file in memory (memfd) that is handed to a child: a question in, an answer out.
class MemoryFile {
 public:
  static Result<MemoryFile, std::string> of(std::string_view bytes);
  ~MemoryFile();
  MemoryFile(MemoryFile&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  MemoryFile& operator=(MemoryFile&&) = delete;
  int fd() const noexcept { return fd_; }
  /// What is in it, which from now on nobody can change any more. More than `limit` bytes are an error.
  Result<std::string, std::string> sealed(size_t limit);

 private:
  explicit MemoryFile(int fd) noexcept : fd_(fd) {}
  int fd_;
};

/// All that is behind a descriptor, from its beginning.
Result<std::string, std::string> read_descriptor(int fd);
/// Puts `bytes` in place of all that is behind it.
Result<void, std::string> rewrite_descriptor(int fd, std::string_view bytes);

}  // namespace rhumb::base
