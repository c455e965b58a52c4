// SPDX-License-Identifier: Apache-2.0
// Keeps the error log readable when something goes wrong a thousand times a second: the same sentence, its numbers
// aside, is said ten times a second at most, and then how often it was not. The log locks it; one thread at a time.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace rhumb::base {

class LogLimit {
 public:
  static constexpr uint32_t kPerSecond = 10;

  /// May it be said? What may not is counted.
  bool admit(std::string_view message, Instant now);
  /// What was left out in a second that is over, each once: `tell(count, message)`.
  template <class Tell>
  void settle(Instant now, Tell&& tell) {
    for (Slot& slot : slots_) {
      if (slot.left_out == 0 || now - slot.since < kWindow) continue;
      tell(slot.left_out, std::string_view(slot.message));
      slot.left_out = 0;
    }
  }
  uint64_t left_out() const noexcept { return total_; }  // ever

 private:
  static constexpr Micros kWindow = Seconds(1);
  struct Slot {
    uint64_t key = 0;
    Instant since{};
    uint32_t said = 0;
    uint64_t left_out = 0;
    std::string message;  // the first that was left out
  };
  Slot* slot_of(uint64_t key, Instant now);
  std::array<Slot, 64> slots_;  // of so many different ones; what finds no room is said without a limit
  uint64_t total_ = 0;
};

/// Lines the error log left out so far. Any thread.
uint64_t suppressed_log_lines() noexcept;
/// Says what was left out in seconds that are over, in case nothing else is said that would do it. Any thread.
void settle_log() noexcept;

}  // namespace rhumb::base
