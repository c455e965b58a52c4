// SPDX-License-Identifier: Apache-2.0
// Looks at the process's loops from a thread of its own. A turn that lasts 100 ms is a stall: it is counted, and where
// its thread stands is logged. After 10 s the process is ended, so that its supervisor starts a new one: a loop that
// does not turn serves nobody, and keeps its listeners' connections from those that would.
//
// Time is what the watchdog itself lives through, one period a look: a process that was stopped, or whose machine was,
// has not stalled. Made, filled and ended by the control thread; what is watched outlives it.
#pragma once
#include <pthread.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/counters.h"
#include "base/result.h"
#include "net/loop.h"

namespace rhumb::proxy {

class Watchdog {
 public:
  static constexpr base::Millis kPeriod{50};      // between two looks
  static constexpr base::Millis kStall{100};      // a turn as long as this is one
  static constexpr base::Seconds kGiveUp{10};     // and one as long as this is the end
  static constexpr base::Seconds kReportEach{1};  // at most one report in this time

  /// What it does; tests do something else. Both on the watchdog's thread.
  struct Acts {
    std::function<void(const std::string& record)> report;  // one line for the error log
    std::function<void()> give_up;                          // does not return in earnest
    std::function<void()> all_well;                         // at every look that found no loop stalled
  };
  static Acts in_earnest(std::function<void()> all_well);

  explicit Watchdog(Acts acts);
  ~Watchdog();  // looks no more

  /// `thread` runs `loop` and is not joined before the watchdog has ended. `stalls` is written by the watchdog alone.
  /// `under_way` says what the loop is busy with (empty: nothing known); it is called on the watchdog's thread.
  void watch(std::string name, const net::Loop& loop, pthread_t thread, base::Cell& stalls,
             std::function<std::string()> under_way = nullptr);
  /// Begins to look, every period, on a thread of its own.
  /// Why there is no room for its thread, if so.
  base::Result<void, std::string> start();
  /// One look at each. By start()'s thread, or a test without one.
  void look();

 private:
  struct Watched {
    std::string name;
    const net::Loop* loop;
    pthread_t thread;
    base::Cell* stalls;
    std::function<std::string()> under_way;
    int64_t turn = 0;       // that was under way at the last look
    base::Millis lasts{0};  // and for how many looks' time
  };
  void run();
  void report(const Watched& one);

  Acts acts_;
  std::vector<Watched> watched_;
  base::Millis since_report_{kReportEach};
  uint64_t unreported_ = 0;
  std::mutex mutex_;
  std::condition_variable bell_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Where a thread of this process stands: one "module+0x1f3a" or "module(function+0x12)" a frame, innermost first (the
/// first ones are those of the asking), for addr2line. Waits for the thread at most a second; it says so when that does
/// not answer. One caller at a time.
std::string where_stands(pthread_t thread);

}  // namespace rhumb::proxy
