// SPDX-License-Identifier: Apache-2.0
// Time. Durations and instants by type; monotonic time for timers and measurements, wall time for tokens and logs.
// Whatever needs the time takes a Clock&, so that tests own it.
#pragma once
#include <chrono>
#include <cstdint>
#include <ctime>

namespace rhumb::base {

using Micros = std::chrono::duration<int64_t, std::micro>;
using Millis = std::chrono::duration<int64_t, std::milli>;
using Seconds = std::chrono::duration<int64_t>;

/// Monotonic, microseconds, meaningful inside this boot only.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Micros>;
/// Wall clock, microseconds since 1970-01-01 UTC.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Micros>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const noexcept = 0;
  virtual WallTime wall() const noexcept = 0;
  /// What the calling thread has used of a processor; only differences mean something. One system call.
  virtual Micros processor() const noexcept = 0;
};

/// The machine's clocks. Stateless; any thread.
class SystemClock final : public Clock {
 public:
  Instant now() const noexcept override {
    return std::chrono::time_point_cast<Micros>(std::chrono::steady_clock::now());
  }
  WallTime wall() const noexcept override {
    return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  }
  Micros processor() const noexcept override {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return Micros(used.tv_sec * 1'000'000 + used.tv_nsec / 1'000);
  }
};

/// A clock that moves only when told; all time that passes is the thread's. For tests and simulation; one thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = Instant(Micros(1'000'000)),
                       WallTime wall = WallTime(Micros(1'700'000'000'000'000)))
      : now_(start), wall_(wall) {}
  Instant now() const noexcept override { return now_; }
  WallTime wall() const noexcept override { return wall_; }
  Micros processor() const noexcept override { return now_.time_since_epoch(); }
  void advance(Micros by) noexcept { now_ += by, wall_ += by; }
  void set_wall(WallTime wall) noexcept { wall_ = wall; }

 private:
  Instant now_;
  WallTime wall_;
};

}  // namespace rhumb::base
