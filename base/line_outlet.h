// SPDX-License-Identifier: Apache-2.0
// Where the thread of a log writes its lines: a file, a FIFO, a pipe, a socket or a terminal, which others may write to
// as well. A write never waits for the other side, and a line of which only the beginning got through is not forgotten:
// it is ended before another one begins. A value that moves; one thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace rhumb::base {

class LineOutlet {
 public:
  enum class Took : uint8_t {
    all,      // and nothing is left
    waits,    // what is left may go on once somebody reads: wait()
    refused,  // errno tells why: what is left may never get through
  };

  LineOutlet() = default;  // leads nowhere: takes all
  /// A descriptor that is shared with other processes (standard output): it is not closed, and its flags stay as they
  /// are.
  static LineOutlet shared(int fd);
  /// Takes over a descriptor opened with O_NONBLOCK. A file that ends in half a line is given the end of that first.
  static LineOutlet owned(int fd);
  ~LineOutlet();
  LineOutlet(LineOutlet&& other) noexcept { *this = static_cast<LineOutlet&&>(other); }
  LineOutlet& operator=(LineOutlet&& other) noexcept;

  /// Writes as much of `lines` (whole ones) as is taken now, and removes the lines that got through whole. The first of
  /// those left may have begun, so the next call brings the same lines, with more behind them if need be; another
  /// outlet is given them from their beginning. Into a pipe or FIFO lines go whole, up to 4 KiB each.
  Took write(std::string& lines);
  /// Removes all but a line that has begun; returns how many.
  size_t abandon(std::string& lines) const;
  /// Until more is taken, or that fails, or it has been as long.
  void wait(Millis at_most) const noexcept;

 private:
  enum class Way : uint8_t {
    nowhere,
    write,    // a file; or a description of our own that does not block
    send,     // a socket
    briefly,  // a pipe or terminal whose description is not ours: a write that waits all the same is interrupted
  };
  LineOutlet(int fd, bool ours, Way way, size_t piece) noexcept : fd_(fd), ours_(ours), way_(way), piece_(piece) {}
  std::string_view next_piece(std::string_view rest) const noexcept;
  long put(std::string_view bytes) noexcept;
  int64_t file_size() const noexcept;

  int fd_ = -1;
  bool ours_ = false;
  Way way_ = Way::nowhere;
  size_t piece_ = 0;           // most bytes of one write
  bool ends_in_half_ = false;  // the file did so when it was opened
  size_t begun_ = 0;           // bytes of the first of the lines that are left
  int64_t begun_at_ = 0;       // how long the file was then
};

}  // namespace rhumb::base
