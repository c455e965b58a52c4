// SPDX-License-Identifier: Apache-2.0
// The thread that writes the error log of a gateway, so that nobody who says something waits for who reads it. While it
// runs, a line goes into a bounded buffer; a line that finds no room is dropped and counted, and when the log goes on
// it says how many are missing, and where. Without it (commands, checking processes, before the start) who says a line
// writes it himself.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/line_outlet.h"
#include "base/log.h"

namespace rhumb::base {

/// Made first and destroyed last by who runs the gateway; one at a time. Also takes care that an exception nobody
/// catches gets its last words.
class LogWriter {
 public:
  static constexpr size_t kRoom = 256 * 1024;  // bytes that wait to be written, and as many that are being written
  static constexpr Millis kLastLimit{1000};    // what is left at the end may take so long
  explicit LogWriter(int fd = 2);              // not closed, and its flags are not changed
  ~LogWriter();                                // what nobody has taken by then is dropped, and so is what comes later
  /// Why there is no thread for it, and all is as without a writer; empty: it runs.
  const std::string& problem() const noexcept { return problem_; }
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

 private:
  void open_desk();
  void start();
  void run();
  bool take();
  bool deliver();
  bool pause() const;
  bool out_of_time() const;
  void lose(uint64_t lines);

  // Of the thread.
  LineOutlet outlet_;
  std::string text_;      // taken, not yet written; the first line may have begun
  uint64_t missing_ = 0;  // lines dropped behind what is written, and not told yet
  uint64_t telling_ = 0;  // of them, those that `text_` tells
  std::thread thread_;
  std::string problem_;  // of the start
};

/// Puts whole lines into the error log as they are. Any thread.
void say(std::string_view lines) noexcept;
/// The same for who is about to end the process: returns once they are written, with all that was said before, or
/// after LogWriter::kLastLimit. Takes no lock that somebody may hold for longer. Any thread.
void last_words(std::string_view lines) noexcept;
/// Lines of the error log that nobody took. Any thread.
uint64_t dropped_log_lines() noexcept;
/// The line that log_line() writes for this. Any thread.
std::string error_line(LogLevel level, std::string_view message);

}  // namespace rhumb::base
