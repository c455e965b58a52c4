// SPDX-License-Identifier: Apache-2.0
// Where the lines of the access log go: each worker hands its own to a bounded ring, and a thread of its own writes the
// rings out. A full ring drops the line and counts it: the log never delays a request. The rings belong to the process;
// where they are written to may change while it runs, and no line is lost by that.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/counters.h"
#include "base/log.h"
#include "base/result.h"
#include "net/socket.h"

namespace rhumb::proxy {

class AccessLog {
 public:
  /// An open place for lines. A value; moved into the log.
  class Sink {
   public:
    /// `path`: "stdout", "off" or a file, which is opened for appending and made when it is not there. An error in
    /// words.
    static base::Result<Sink, std::string> open(const std::string& path);
    /// The same place anew, when it is a file: another one, perhaps, has its name now.
    base::Result<Sink, std::string> again() const { return open(path_); }
    bool is_file() const noexcept { return static_cast<bool>(file_); }
    const std::string& path() const noexcept { return path_; }
    int fd() const noexcept { return file_ ? file_.get() : path_ == "off" ? -1 : 1; }

   private:
    std::string path_;
    net::Fd file_;
  };

  /// `unwritten` counts the lines that the sink does not take, and outlives the log.
  AccessLog(Sink sink, unsigned workers, size_t ring_bytes, base::Cell& unwritten);
  ~AccessLog();  // writes what is left
  base::LineRing* ring(unsigned worker) noexcept { return rings_[worker].get(); }

  // Any thread. Both take effect within some 20 ms: lines in the rings by then may reach either place, whole and once.
  /// From now on, lines go here.
  void redirect(Sink sink);
  /// Opens the file anew under its name, after it was renamed or removed. One that cannot be opened is said in the
  /// error log, and the old one stays.
  void reopen() noexcept { reopen_.store(true, std::memory_order_release); }

 private:
  void run();
  void change_sink();
  void write_out(std::string& text);
  void lose(std::string_view lines, int error);

  base::Cell& unwritten_;
  std::vector<std::unique_ptr<base::LineRing>> rings_;
  std::atomic<bool> stopping_{false}, reopen_{false}, redirected_{false};
  std::mutex mutex_;          // of next_
  std::optional<Sink> next_;  // where to go from now on
  Sink sink_;                 // the thread's, as all below
  bool losing_ = false;       // as was said in the error log
  std::thread thread_;
};

}  // namespace rhumb::proxy
