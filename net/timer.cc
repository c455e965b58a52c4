// SPDX-License-Identifier: Apache-2.0
#include "net/timer.h"

#include <algorithm>
#include <bit>

namespace rhumb::net {

void TimerWheel::arm(Timer& timer, base::Instant due) noexcept {
  timer.due_ = due;
  timer.armed_ = 1;
  // Hanging in an earlier slot is fine: expire() looks at the due time and hangs it again.
  if (timer.linked() && timer.slot_tick_ <= ticks(due) + 1) return;
  timer.unlink();
  hang(timer, tick_ + 1);
}

void TimerWheel::remove(Timer& timer) noexcept {
  timer.armed_ = 0;
  timer.unlink();
}

void TimerWheel::hang(Timer& timer, uint64_t earliest) noexcept {
  // +1: a timer set in the middle of a tick must not fire before its time.
  const uint64_t at = std::max(ticks(timer.due_) + 1, earliest);
  const uint64_t distance = at - tick_;
  unsigned level = 0;
  while (level + 1 < kLevels && distance >= (uint64_t{1} << (kBits * (level + 1)))) ++level;
  const uint64_t farthest = (uint64_t{1} << (kBits * kLevels)) - 1;
  const uint64_t place = distance > farthest ? tick_ + farthest : at;
  const unsigned slot = static_cast<unsigned>(place >> (kBits * level)) & (kSlots - 1);
  // In an upper level the slot comes up when its lower digits are all zero.
  timer.slot_tick_ = level == 0 ? place : (place >> (kBits * level)) << (kBits * level);
  slots_[level][slot].push_back(timer);
  used_[level][slot / 64] |= uint64_t{1} << (slot % 64);
}

void TimerWheel::cascade(unsigned level) {
  const unsigned index = static_cast<unsigned>(tick_ >> (kBits * level)) & (kSlots - 1);
  if (index == 0 && level + 1 < kLevels) cascade(level + 1);
  used_[level][index / 64] &= ~(uint64_t{1} << (index % 64));
  Slot moving;
  while (!slots_[level][index].empty()) moving.push_back(slots_[level][index].pop_front());
  while (!moving.empty()) {
    Timer& timer = moving.pop_front();
    // The current tick's own slot is expired after the cascade.
    if (timer.armed_) hang(timer, tick_);
  }
}

/// False: the limit was reached, and the rest of the slot was put back.
bool TimerWheel::expire(Slot& slot, base::Instant now, const Limit& limit) {
  Slot due;
  while (!slot.empty()) due.push_back(slot.pop_front());
  while (!due.empty()) {
    Timer& timer = due.pop_front();
    if (!timer.armed_) continue;
    if (timer.due_ > now) {
      hang(timer, tick_ + 1);
      continue;
    }
    timer.armed_ = 0;
    timer.callback_(timer.owner_);
    if (due.empty() || !limit.reached()) continue;
    put_back(due);
    return false;
  }
  return true;
}

/// The tick is not done yet: its slot comes up again at the next advance(), in the order it had.
void TimerWheel::put_back(Slot& rest) noexcept {
  const unsigned index = static_cast<unsigned>(tick_) & (kSlots - 1);
  while (!rest.empty()) {
    Timer& last = rest.back();
    last.unlink();
    slots_[0][index].push_front(last);
  }
  used_[0][index / 64] |= uint64_t{1} << (index % 64);
  --tick_;
}

bool TimerWheel::advance(base::Instant now, const base::Clock* clock, base::Instant until) {
  const Limit limit{clock, until};
  const uint64_t target = ticks(now);
  while (tick_ < target) {
    const uint64_t soonest = ticks(next());
    if (soonest > target) {
      // Nothing hangs between here and the target, not even a cascade.
      tick_ = target;
      return true;
    }
    tick_ = std::max(tick_ + 1, soonest);
    const unsigned slot = static_cast<unsigned>(tick_) & (kSlots - 1);
    if (slot == 0) cascade(1);
    used_[0][slot / 64] &= ~(uint64_t{1} << (slot % 64));
    if (!expire(slots_[0][slot], now, limit)) return false;
  }
  return true;
}

namespace {

/// Distance from `from` (exclusive) to the next set bit, going round; 0 when none is set. 256 bits.
unsigned next_bit(const std::array<uint64_t, 4>& bits, unsigned from) noexcept {
  for (unsigned step = 1; step <= 256;) {
    const unsigned at = (from + step) & 255;
    const uint64_t rest = bits[at / 64] >> (at % 64);
    if (rest != 0) {
      const unsigned found = step + static_cast<unsigned>(std::countr_zero(rest));
      return found <= 256 ? found : 0;
    }
    step += 64 - at % 64;
  }
  return 0;
}

}  // namespace

base::Instant TimerWheel::next() const noexcept {
  uint64_t best = UINT64_MAX;
  for (unsigned level = 0; level < kLevels; ++level) {
    const unsigned shift = kBits * level;
    const unsigned here = static_cast<unsigned>(tick_ >> shift) & (kSlots - 1);
    const unsigned distance = next_bit(used_[level], here);
    if (distance != 0) best = std::min(best, ((tick_ >> shift) + distance) << shift);
  }
  if (best == UINT64_MAX) return base::Instant::max();
  return base::Instant(kTick * static_cast<int64_t>(best));
}

}  // namespace rhumb::net
