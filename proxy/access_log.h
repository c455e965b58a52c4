// SPDX-License-Identifier: Apache-2.0
// Where the lines of the access log go: each worker hands its own to a bounded ring, and a thread of its own writes the
// rings out. A full ring drops the line and counts it: the log never delays a request. The rings belong to the process;
// where they are written to may change while it runs, and no line is lost by that. Whoever reads the log may be slow,
// or not be there: the thread waits, the rings fill, and nobody else notices.
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
#include "base/line_outlet.h"
#include "base/log.h"
#include "base/result.h"

namespace rhumb::proxy {

class AccessLog {
 public:
  /// An open place for lines. A value; moved into the log.
  class Sink {
   public:
    /// `path`: "stdout", "off", a FIFO, a character device, or a file, which is opened for appending and made when it
    /// is not there; other things are refused. A FIFO that nobody reads is good: lines wait for its reader. Never waits
    /// for one. An error in words.
    static base::Result<Sink, std::string> open(const std::string& path);
    /// The same place anew, when it has a name in the file system: another thing, perhaps, has it now.
    base::Result<Sink, std::string> again() const { return open(path_); }
    bool is_file() const noexcept { return path_ != "stdout" && path_ != "off"; }
    const std::string& path() const noexcept { return path_; }
    /// Why what has this mode (stat(2)) is refused; null: it is not.
    static const char* why_not(unsigned mode) noexcept;
    /// It is a FIFO that nobody read when it was opened.
    bool unread() const noexcept { return unread_; }
    base::LineOutlet& outlet() noexcept { return outlet_; }

   private:
    std::string path_ = "off";
    base::LineOutlet outlet_;
    bool unread_ = false;
  };

  static constexpr base::Millis kLook{20};         // how late a line, a new place or the end is noticed
  static constexpr base::Millis kLastLimit{1000};  // what is left at the end waits so long for its reader

  /// `unwritten` counts the lines that the sink does not take, and outlives the log.
  AccessLog(Sink sink, unsigned workers, size_t ring_bytes, base::Cell& unwritten);
  /// Writes what is left; what nobody takes within kLastLimit is lost, and counted. A disk that is slow is waited for.
  ~AccessLog();
  base::LineRing* ring(unsigned worker) noexcept { return rings_[worker].get(); }

  // Any thread. Both take effect within kLook, whether anybody reads the old place or not: lines in the rings by then
  // may reach either place, whole and once. One that has begun in the old place comes whole in the new one.
  /// From now on, lines go here.
  void redirect(Sink sink);
  /// Why there is no thread that writes; empty: there is one.
  const std::string& problem() const noexcept { return problem_; }
  /// Opens the file anew under its name, after it was renamed or removed. One that cannot be opened is said in the
  /// error log, and the old one stays.
  void reopen() noexcept { reopen_.store(true, std::memory_order_release); }

 private:
  using Took = base::LineOutlet::Took;
  enum class Trouble : uint8_t { none, losing, waiting };  // as was said in the error log
  void run();
  void change_sink();
  void use(Sink sink);
  void look_for_reader();
  Took write_out();
  void give_up();

  base::Cell& unwritten_;
  std::vector<std::unique_ptr<base::LineRing>> rings_;
  std::atomic<bool> stopping_{false}, reopen_{false}, redirected_{false};
  std::mutex mutex_;          // of next_
  std::optional<Sink> next_;  // where to go from now on
  base::SystemClock clock_;

  // The thread's.
  Sink sink_;
  std::string text_;  // out of the rings, not yet written; of its first line the sink may have the beginning
  std::optional<base::Instant> waits_since_;  // for a reader
  Trouble trouble_ = Trouble::none;
  std::thread thread_;
  std::string problem_;  // of the start
};

}  // namespace rhumb::proxy
