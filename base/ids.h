// SPDX-License-Identifier: Apache-2.0
// Names with a generation. Nobody but the owner holds a pointer across turns; everybody else holds an id and looks it
// up at use: a stale one finds nothing. One SlotTable belongs to one thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"

namespace rhumb::base {

/// Name of an exchange in its worker's table. index 0xffffffff means none.
struct ExchangeId {
  uint32_t index = 0xffffffffu;
  uint32_t generation = 0;
  friend bool operator==(ExchangeId, ExchangeId) = default;
};

/// Name of one wait of one filter of one exchange; 12 bytes, safe to keep for ever.
struct Wake {
  ExchangeId who;
  uint16_t filter = 0;
  uint16_t ticket = 0;
};
static_assert(sizeof(Wake) == 12);

/// Objects of type T with stable addresses and generation-checked names. Slots are reused last-in first-out and their
/// objects are constructed once and recycled by the caller (so that their memory stays warm): T must be default
/// constructible and able to be reset by its owner.
template <class T>
class SlotTable {
 public:
  /// Takes a free slot (or makes one; the only allocation). The object keeps what its last owner left in it.
  T& take(ExchangeId& id) {
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.push_back(std::make_unique<Slot>());
      if (free_.capacity() < slots_.size()) free_.reserve(slots_.capacity());
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = *slots_[index];
    slot.live = true;
    id = {index, slot.generation};
    ++live_;
    return slot.object;
  }

  void release(ExchangeId id) noexcept {
    RHUMB_ASSERT(find(id) != nullptr);
    Slot& slot = *slots_[id.index];
    slot.live = false;
    ++slot.generation;
    free_.push_back(id.index);
    --live_;
  }

  T* find(ExchangeId id) noexcept {
    if (id.index >= slots_.size()) return nullptr;
    Slot& slot = *slots_[id.index];
    return slot.live && slot.generation == id.generation ? &slot.object : nullptr;
  }

  /// Visits the live objects; the visitor may take and release. One taken meanwhile may or may not be visited.
  template <class F>
  void for_each(F&& f) {
    for (size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i]->live) f(slots_[i]->object);
  }

  size_t live() const noexcept { return live_; }

 private:
  struct Slot {
    T object{};
    uint32_t generation = 1;
    bool live = false;
  };
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<uint32_t> free_;
  size_t live_ = 0;
};

}  // namespace rhumb::base
