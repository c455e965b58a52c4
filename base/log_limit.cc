// SPDX-License-Identifier: Apache-2.0
#include "base/log_limit.h"

namespace rhumb::base {
namespace {

/// FNV-1a of all but the digits.
uint64_t key_of(std::string_view message) noexcept {
  uint64_t key = 0xcbf29ce484222325;
  for (const char c : message)
    if (c < '0' || c > '9') key = (key ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return key;
}

}  // namespace

LogLimit::Slot* LogLimit::slot_of(uint64_t key, Instant now) {
  Slot* idle = nullptr;
  for (Slot& slot : slots_) {
    if (slot.said != 0 && slot.key == key) return &slot;
    if (slot.left_out == 0 && (slot.said == 0 || now - slot.since >= kWindow)) idle = &slot;
  }
  if (idle != nullptr) *idle = {.key = key, .since = now};
  return idle;
}

bool LogLimit::admit(std::string_view message, Instant now) {
  Slot* const slot = slot_of(key_of(message), now);
  if (slot == nullptr) return true;
  if (now - slot->since >= kWindow) slot->since = now, slot->said = 0;
  if (slot->said < kPerSecond) return ++slot->said, true;
  if (slot->left_out++ == 0) slot->message = message.substr(0, 500);
  return ++total_, false;
}

}  // namespace rhumb::base
