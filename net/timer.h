// SPDX-License-Identifier: Apache-2.0
// Coarse timers for very many connections: a hierarchical wheel (Varghese and Lauck 1987) of 4 levels of 256 slots, 4
// ms a tick, so that arming, re-arming and cancelling cost a few stores and a 7-day timer is as cheap as one of a
// second. A timer never fires early; it may fire one tick late (a level's worth of rounding is removed when it
// cascades). One thread.
#pragma once
#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/intrusive.h"

namespace rhumb::net {

class TimerWheel;

/// Embedded in its owner. The callback gets the owner back; it may arm, cancel or bury, not destroy the timer.
class Timer : public base::ListHook<Timer> {
 public:
  using Callback = void (*)(void* owner) noexcept;
  Timer(Callback callback, void* owner) noexcept : callback_(callback), owner_(owner) {}

  bool armed() const noexcept { return armed_ != 0; }
  base::Instant due() const noexcept { return due_; }

 private:
  friend class TimerWheel;
  Callback callback_;
  void* owner_;
  base::Instant due_{};
  uint64_t slot_tick_ : 63 = 0;  // tick of the slot it hangs in; a later due time is found out when that comes
  uint64_t armed_ : 1 = 0;
};

class TimerWheel {
 public:
  static constexpr base::Micros kTick{4'000};
  explicit TimerWheel(base::Instant start) noexcept : tick_(ticks(start)) {}

  /// Fires at `due` or up to a tick later. Re-arming to a later time costs one store.
  void arm(Timer& timer, base::Instant due) noexcept;
  void cancel(Timer& timer) noexcept { timer.armed_ = 0; }
  /// For a timer whose owner goes away: out of the wheel at once.
  void remove(Timer& timer) noexcept;
  /// Runs what is due. With a clock it stops when that says `until`, after one timer at least; false: some are left,
  /// and next() is not after `now`.
  bool advance(base::Instant now, const base::Clock* clock = nullptr, base::Instant until = {});
  /// When advance() is wanted next; Instant::max() when nothing is armed.
  base::Instant next() const noexcept;

 private:
  static constexpr unsigned kLevels = 4, kBits = 8, kSlots = 1u << kBits;
  using Slot = base::List<Timer, Timer>;
  static uint64_t ticks(base::Instant at) noexcept { return static_cast<uint64_t>(at.time_since_epoch() / kTick); }
  void hang(Timer& timer, uint64_t earliest) noexcept;
  void cascade(unsigned level);
  struct Limit {
    const base::Clock* clock;
    base::Instant until;
    bool reached() const noexcept { return clock != nullptr && clock->now() >= until; }
  };
  bool expire(Slot& slot, base::Instant now, const Limit& limit);
  void put_back(Slot& rest) noexcept;

  uint64_t tick_;  // all ticks up to and including this one are done
  std::array<std::array<Slot, kSlots>, kLevels> slots_;
  std::array<std::array<uint64_t, kSlots / 64>, kLevels> used_{};  // a bit per slot that may hold timers
};

}  // namespace rhumb::net
