// SPDX-License-Identifier: Apache-2.0
// One JSON line per exchange, formatted on the worker into memory at hand and handed to a bounded ring; a thread of its
// own writes the rings out. A full ring drops the line and counts it: the log never delays a request.
#pragma once
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/result.h"

namespace rhumb::proxy {

class Exchange;

/// The line, with its newline, inside `to`. Paths, hosts and agents are cut to keep it there.
std::string_view format_access_line(const Exchange& exchange, base::WallTime wall, base::Instant now,
                                    std::span<char> to) noexcept;

/// Owns the rings (one per worker) and the writing thread.
class AccessLog {
 public:
  /// `path`: "stdout" or a file, opened for appending. `unwritten` counts the lines it does not take, and outlives the
  /// log.
  static base::Result<std::unique_ptr<AccessLog>, std::string> open(const std::string& path, unsigned workers,
                                                                    size_t ring_bytes, base::Cell& unwritten);
  ~AccessLog();  // writes what is left
  base::LineRing* ring(unsigned worker) noexcept { return rings_[worker].get(); }

 private:
  AccessLog(int fd, bool own_fd, unsigned workers, size_t ring_bytes, base::Cell& unwritten);
  void run();
  void write_out(std::string& text);
  void lose(std::string_view lines, int error);

  int fd_;
  bool own_fd_;
  base::Cell& unwritten_;
  bool losing_ = false;  // as was said in the error log
  std::vector<std::unique_ptr<base::LineRing>> rings_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace rhumb::proxy
