// SPDX-License-Identifier: Apache-2.0
// One thread's event loop over libevent's event_base (no locks). A turn is: wait, the callbacks of ready descriptors
// (which only note what is ready and add tasks to the run queue) and mail, due timers, the run queue, then the
// end-of-turn work and the graveyard. A turn has a clock: what is not done when its time is over is done in the next
// one. Nothing is destroyed and no wake runs inside a callback. Everything here belongs to the thread that runs the
// loop.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "net/run_queue.h"
#include "net/timer.h"
#include "net/window.h"

struct event_base;

namespace rhumb::net {

/// Base of what the graveyard takes: destroyed at the end of the turn, never inside a callback.
class Buried {
 public:
  virtual ~Buried() = default;
};

class Loop {
 public:
  explicit Loop(const base::Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Turns until stop(). May be called again.
  void run();
  /// From a callback: the current turn is finished, then run() returns.
  void stop() noexcept { stopping_ = true; }
  /// One turn; waits at most `limit` (negative: as long as the next timer allows).
  void turn(base::Micros limit = base::Micros(-1));

  /// Monotonic time, read once a turn.
  base::Instant now() noexcept {
    if (!now_valid_) refresh_clock();
    return now_;
  }
  /// Wall-clock time, read once a turn, when it is asked for.
  base::WallTime wall() noexcept {
    if (!wall_valid_) wall_ = clock_.wall(), wall_valid_ = true;
    return wall_;
  }
  const base::Clock& clock() const noexcept { return clock_; }

  /// Runs at the end of this turn, in order; what it posts runs at the end of the next one.
  void post(std::function<void()> work) { posted_.push_back(std::move(work)); }
  /// Called at the end of every turn, before the graveyard is emptied. Set once, before run().
  void at_end_of_turn(std::function<void()> work) { end_of_turn_ = std::move(work); }
  /// More work is waiting that no descriptor will announce: the next wait returns at once.
  void do_not_wait() noexcept { hurry_ = true; }
  void bury(std::unique_ptr<Buried> object) { graveyard_.push_back(std::move(object)); }

  TimerWheel& timers() noexcept { return timers_; }
  RunQueue& tasks() noexcept { return tasks_; }
  WidePlaces& wide_places() noexcept { return wide_places_; }
  /// The turn has had its time. Reads the clock.
  bool turn_is_over() const noexcept { return clock_.now() - now_ >= RunQueue::kTurn; }
  uint64_t turns() const noexcept { return turns_; }
  /// Takes the working time of every turn: from the first callback to the end, without the wait. Set once, before
  /// run().
  void measure_turns(base::LatencyHistogram& into) noexcept { turn_times_ = &into; }
  /// Takes how late the timers' turn came each time some were due. Set once, before run().
  void measure_lag(base::LatencyHistogram& into) noexcept { lags_ = &into; }
  /// The number of the turn whose callbacks run now; 0 while the loop waits. Any thread.
  uint64_t turn_under_way() const noexcept { return under_way_.load(std::memory_order_relaxed); }
  /// The wait of this turn is over: said by everything that libevent calls.
  void begin_turn() noexcept {
    if (now_valid_) return;
    refresh_clock();
    under_way_.store(turns_ + 1, std::memory_order_relaxed);
  }
  event_base* raw() noexcept { return base_; }

 private:
  void refresh_clock() noexcept;
  void wait(base::Micros limit);
  void finish_turn();

  const base::Clock& clock_;
  event_base* base_;
  struct AlarmDeleter {
    void operator()(void* event) const noexcept;
  };
  std::unique_ptr<void, AlarmDeleter> alarm_;
  TimerWheel timers_;
  RunQueue tasks_;
  WidePlaces wide_places_;
  base::Instant now_{};
  base::WallTime wall_{};
  base::Instant alarm_at_{};
  std::vector<std::function<void()>> posted_, running_;
  std::vector<std::unique_ptr<Buried>> graveyard_, dying_;
  std::function<void()> end_of_turn_;
  base::LatencyHistogram* turn_times_ = nullptr;
  base::LatencyHistogram* lags_ = nullptr;
  std::atomic<uint64_t> under_way_{0};
  uint64_t turns_ = 0;
  bool now_valid_ = false, wall_valid_ = false, stopping_ = false, hurry_ = false, alarm_set_ = false;
};

}  // namespace rhumb::net
