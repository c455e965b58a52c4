// SPDX-License-Identifier: Apache-2.0
// Who has work in a turn of a loop, and in which order. A task is one connection with something to do. Tasks belong to
// shares: one share is one client address, say. Within a share, tasks take turns. Between shares, time is divided: each
// gets a slice, and a share that used more waits longer (deficit round robin, Shreedhar and Varghese 1995, in time
// instead of bytes). So a thousand busy connections of one address delay the connection of another by one slice;
// a thousand busy addresses delay each other by a thousand slices.
//
// A step is one run of one task. It cannot be interrupted, so whoever loops over bytes asks must_yield() and adds
// itself again. A share whose steps take long again and again is costly: its tasks are told, and end themselves.
//
// Tasks and shares are owned by others, and leave by themselves when they are destroyed. Loop's thread only.
#pragma once
#include "base/clock.h"
#include "base/intrusive.h"

namespace rhumb::net {

class RunQueue;

class Task : public base::ListHook<Task> {
 public:
  Task() = default;
  virtual ~Task();
  /// Waits for its step.
  bool waiting() const noexcept { return linked(); }

 private:
  friend class RunQueue;
  /// One step.
  virtual void run() noexcept = 0;
  /// Its share takes too much time by long steps, and this step was one of them: it should end.
  virtual void too_costly() noexcept {}

  RunQueue* queue_ = nullptr;  // it was added to
};

class Share : public base::ListHook<Share> {
  friend class RunQueue;
  base::List<Task, Task> tasks_;
  base::Micros used_{0};           // of its slice, and beyond it
  base::Instant used_at_{};        // when its last step ended
  base::Micros excess_{0};         // processor time of its long steps, fading
  base::Instant faded_at_{};       // when that was reckoned last
  base::Instant watched_until_{};  // after a long step: its processor time is measured
};

class RunQueue {
 public:
  /// After this long in a turn no further step begins.
  static constexpr base::Micros kTurn{5'000};
  /// After this long in a step must_yield() says so.
  static constexpr base::Micros kStep{1'000};
  /// What a share gets before the next one has its turn.
  static constexpr base::Micros kSlice{500};
  /// A step as long as this is a long one.
  static constexpr base::Micros kLong{20'000};
  /// A share is costly when its long steps took this much processor time; 1/50 of the time that passes is forgotten.
  static constexpr base::Micros kCostly{500'000};
  static constexpr int kForget = 50;
  /// For so long after a long step the share's processor time is measured.
  static constexpr base::Seconds kWatch{60};

  explicit RunQueue(const base::Clock& clock) noexcept : clock_(clock) {}

  /// The task has a step to do; nothing changes when it waits already. `share` is null for work of the process's own.
  void add(Task& task, Share* share) noexcept;
  /// Out of the queue, for a task that has nothing to do any more.
  void remove(Task& task) noexcept { task.unlink(); }
  /// Runs steps until nobody waits or the time is `until`; one step at least.
  void run(base::Instant until) noexcept;
  bool waiting() const noexcept { return !ring_.empty(); }
  /// The step that runs has had its time.
  bool must_yield() const noexcept { return clock_.now() - step_began_ >= kStep; }

 private:
  friend class Task;
  static constexpr base::Micros kMostDebt{20'000};  // of one share; more would only make it wait for ever
  Share* next_share() noexcept;
  base::Instant step(Share& share, base::Instant began) noexcept;
  void charge_long_step(Share& share, base::Instant now, base::Micros processor) noexcept;

  const base::Clock& clock_;
  base::List<Share, Share> ring_;
  Share own_;
  Task* running_ = nullptr;  // null when it was destroyed meanwhile
  base::Instant step_began_{};
};

}  // namespace rhumb::net
