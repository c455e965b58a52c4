// SPDX-License-Identifier: Apache-2.0
// Whether the other side keeps up a least rate in the time that is its own: it has ten seconds in hand, spends them
// while it is waited for, and each `rate` bytes that move give it a second back, up to thirty. So a burst may pay for a
// pause, and whoever trickles is found out, however often a single byte moves. A value; its connection's thread.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace rhumb::proxy {

class Pace {
 public:
  /// It is the other side's turn; `moved`: bytes it has moved so far, in all. False: too slow. A rate of 0 is no limit.
  bool keeps_up(base::Instant now, uint64_t moved, uint64_t rate) noexcept {
    if (rate == 0) return true;
    spend(now);
    waiting_ = true;
    const uint64_t gained = std::min<uint64_t>(moved - moved_, rate * kMost.count());
    moved_ = moved;
    left_ = std::min<base::Micros>(left_ + base::Micros(gained * 1'000'000 / rate), kMost);
    return left_.count() > 0;
  }
  /// It is not: the time that passes now is somebody else's.
  void rest(base::Instant now) noexcept {
    spend(now);
    waiting_ = false;
  }

 private:
  static constexpr base::Seconds kFirst{10}, kMost{30};
  void spend(base::Instant now) noexcept {
    if (waiting_) left_ -= now - since_;
    since_ = now;
  }

  base::Micros left_ = kFirst;
  base::Instant since_{};
  uint64_t moved_ = 0;
  bool waiting_ = false;
};

}  // namespace rhumb::proxy
