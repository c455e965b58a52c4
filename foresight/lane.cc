// SPDX-License-Identifier: Apache-2.0
#include "foresight/lane.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"

namespace rhumb::foresight {
namespace {

constexpr uint64_t kStatesSeed = 0x7374617465, kTargetSeed = 0x746172676574;

uint64_t never_zero(uint64_t id) noexcept { return id != 0 ? id : 1; }

class Text {
 public:
  explicit Text(TargetRecord& to) noexcept : to_(to) {}
  void put(std::string_view text) noexcept {
    const size_t size = std::min(text.size(), TargetRecord::kText - to_.size);
    if (size != 0) std::memcpy(to_.text + to_.size, text.data(), size);
    to_.size = static_cast<uint8_t>(to_.size + size);
    to_.cut |= static_cast<uint8_t>(size < text.size());
  }

 private:
  TargetRecord& to_;
};

}  // namespace

Lane::Lane(std::span<std::byte> queue, uint64_t count, uint64_t written) noexcept
    : queue_(queue.data()),
      room_(queue.size() / kSlotSize),
      count_(count),
      sequence_(written),
      place_(0),
      taken_before_(written),
      first_(written),
      queued_(written),
      taken_(written) {}

/// The writer's side is looked at only when it may matter: its cache line stays with it most of the time.
bool Lane::has_room() noexcept {
  if (sequence_ + kMostSlots - taken_before_ <= room_) return true;
  taken_before_ = taken_.load(std::memory_order_acquire);
  return sequence_ + kMostSlots - taken_before_ <= room_;
}

std::span<const std::byte> Lane::waiting() const noexcept {
  const uint64_t from = taken(), at = (from - first_) % room_;
  return {queue_ + at * kSlotSize, std::min(queued() - from, room_ - at) * kSlotSize};
}

template <class Body>
void Lane::write(Slot<Body>& slot, SlotKind kind, int64_t now) noexcept {
  slot.head = {.sequence = ++sequence_, .kind = kind, .time = now};
  slot.head.check = check_of(&slot);
  std::memcpy(queue_ + place_ * kSlotSize, &slot, kSlotSize);
  place_ = place_ + 1 == room_ ? 0 : place_ + 1;
}

uint64_t Lane::keep(const decision::RegionStates& states, int64_t now) noexcept {
  if (states.epoch == states_epoch_ && fresh(states_.sequence)) return states_.id;
  std::array<RecordedState, decision::kMaxRegions> all;
  const size_t count = std::min(states.of.size(), all.size());
  std::transform(states.of.begin(), states.of.begin() + static_cast<std::ptrdiff_t>(count), all.begin(), recorded);
  const uint64_t id =
      never_zero(base::hash64({reinterpret_cast<const char*>(all.data()), count * sizeof(RecordedState)}, kStatesSeed));
  states_epoch_ = states.epoch;
  if (id == states_.id && fresh(states_.sequence)) return id;
  for (size_t first = 0; first == 0 || first < count; first += StatesRecord::kOfAPart) {
    Slot<StatesRecord> slot{};
    slot.body.id = id;
    slot.body.regions = static_cast<uint8_t>(count);
    slot.body.first = static_cast<uint8_t>(first);
    std::copy_n(all.begin() + first, std::min(StatesRecord::kOfAPart, count - first), slot.body.of);
    write(slot, SlotKind::states, now);
  }
  states_ = {id, sequence_};
  return id;
}

uint64_t Lane::keep(const Target& target, int64_t now) noexcept {
  const uint64_t id =
      never_zero(base::hash64(target.path, base::hash64(target.host, base::hash64(target.method, kTargetSeed))));
  Known& known = targets_[id % kTargets];
  if (known.id == id && fresh(known.sequence)) return id;
  Slot<TargetRecord> slot{};
  slot.body.id = id;
  Text text(slot.body);
  for (const std::string_view part : {target.method, std::string_view(" "), target.host, std::string_view(" ")})
    text.put(part);
  text.put(target.path);
  write(slot, SlotKind::target, now);
  known = {id, sequence_};
  return id;
}

bool Lane::record(const Decided& decided, const decision::RegionStates& states, const Target& target,
                  LanePrivacy privacy, base::WallTime now) noexcept {
  if (!has_room()) return false;
  const int64_t time = now.time_since_epoch().count();
  Slot<DecisionRecord> slot{};
  slot.body.states = keep(states, time);
  if (privacy.targets) slot.body.target = keep(target, time);
  fill(slot.body, decided, privacy.clients);
  write(slot, SlotKind::decision, time);
  queued_.store(sequence_, std::memory_order_release);
  return true;
}

}  // namespace rhumb::foresight
