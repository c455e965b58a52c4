// SPDX-License-Identifier: Apache-2.0
#include "http/headers.h"

#include <array>
#include <cstring>
#include <new>

namespace rhumb::http {

namespace {

// In the order of FieldId.
constexpr std::array<std::string_view, static_cast<size_t>(FieldId::kCount)> kNames = {
    "",
    "",
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Content-Length",
    "Expect",
    "HTTP2-Settings",
    "Host",
    "Via",
    "Max-Forwards",
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Real-IP",
    "Cookie",
    "Set-Cookie",
    "Authorization",
    "Origin",
    "User-Agent",
    "Referer",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "X-Request-ID",
    "traceparent",
    "tracestate",
    "X-Region",
    "X-Region-Endpoint",
    "X-Geo-Country",
    "X-Geo-Region",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Content-Type",
    "Date",
    "Server",
    "Location",
    "Retry-After",
    "Content-Range",
    "Content-Encoding",
    "ETag",
    "Cache-Control",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
};
static_assert(kNames.back() == "Sec-WebSocket-Extensions", "one name an id, in order");

// The factors were searched for: no two names share a slot, else the table below would not compile.
constexpr size_t kSlots = 128;
constexpr size_t slot_of(std::string_view name) noexcept {
  const auto at = [name](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(name[i]) | 0x20); };
  return (name.size() * 59 + at(0) * 48 + at(name.size() - 1) * 7 + at(name.size() / 2) * 26) % kSlots;
}

struct Slot {
  FieldId id = FieldId::other;
  std::string_view name;
};

constexpr std::array<Slot, kSlots> kSlotTable = [] {
  std::array<Slot, kSlots> table{};
  for (size_t i = 2; i < kNames.size(); ++i) {
    Slot& slot = table[slot_of(kNames[i])];
    RHUMB_ASSERT(slot.name.empty());
    slot = {static_cast<FieldId>(i), kNames[i]};
  }
  return table;
}();

template <class Word>
bool same_word(const char* a, const char* b) noexcept {
  Word left, right;
  std::memcpy(&left, a, sizeof left);
  std::memcpy(&right, b, sizeof right);
  return left == right;
}

/// As a == b where both have one size: by words that may overlap, because names are short and a call is not.
bool same(std::string_view a, std::string_view b) noexcept {
  const size_t size = a.size();
  if (size < 4) return a == b;
  if (size < 8) return same_word<uint32_t>(a.data(), b.data()) && same_word<uint32_t>(&a[size - 4], &b[size - 4]);
  for (size_t i = 0; i + 8 <= size; i += 8)
    if (!same_word<uint64_t>(&a[i], &b[i])) return false;
  return same_word<uint64_t>(&a[size - 8], &b[size - 8]);
}

constexpr uint64_t mask(FieldId id) noexcept { return uint64_t{1} << static_cast<unsigned>(id); }

/// Bytes of a name in one word, letters in one case.
template <class Word>
uint64_t folded(const char* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word | 0x2020202020202020;
}

}  // namespace

uint32_t name_hash(std::string_view name) noexcept {
  constexpr uint64_t kFactor = 0x9e3779b97f4a7c15;
  const char* at = name.data();
  const size_t size = name.size();
  uint64_t hash = size;
  const auto mix = [&](uint64_t word) {
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 32;
  };
  // Words may overlap, and so every byte is in one.
  if (size >= 8) {
    for (size_t i = 0; i + 8 < size; i += 8) mix(folded<uint64_t>(at + i));
    mix(folded<uint64_t>(at + size - 8));
  } else if (size >= 4) {
    mix(folded<uint32_t>(at));
    mix(folded<uint32_t>(at + size - 4));
  } else {
    for (const char c : name) mix(static_cast<uint8_t>(c) | 0x20);
  }
  return static_cast<uint32_t>(hash);
}

FieldId field_id(std::string_view name) noexcept {
  if (name.empty()) return FieldId::other;
  const Slot& slot = kSlotTable[slot_of(name)];
  if (slot.name.size() != name.size()) return FieldId::other;
  if (same(slot.name, name)) return slot.id;  // the usual spelling
  return base::iequals(slot.name, name) ? slot.id : FieldId::other;
}

std::string_view field_name(FieldId id) noexcept { return kNames[static_cast<size_t>(id)]; }

void Headers::init(base::Arena& arena, size_t capacity) {
  // Raw memory: a field is made when it is added, so that room nobody needs is never touched.
  capacity_ = static_cast<uint32_t>(capacity + kSpare);
  fields_ = static_cast<Field*>(arena.allocate(sizeof(Field) * capacity_, alignof(Field)));
  clear();
}

bool Headers::add(FieldId id, std::string_view name, std::string_view value, bool plain) noexcept {
  if (count_ == capacity_) return false;
  new (fields_ + count_++) Field{name, value, id, plain};
  present_ |= mask(id);
  return true;
}

/// Adds, into a hole when the table is full and a removal has just left one.
bool Headers::place(size_t removed, FieldId id, std::string_view name, std::string_view value) noexcept {
  if (count_ < capacity_ || removed == 0) return add(id, name, value);
  for (Field& field : std::span(fields_, count_)) {
    if (field.id != FieldId::removed) continue;
    field = {name, value, id};
    present_ |= mask(id);
    break;
  }
  return true;
}

/// Of a name that has no id.
size_t Headers::remove_other(std::string_view name) noexcept {
  const uint32_t hash = name_hash(name);
  size_t gone = 0;
  for (Field& field : std::span(fields_, count_)) {
    if (!field.is_other(name, hash)) continue;
    field.id = FieldId::removed;
    ++gone;
  }
  return gone;
}

size_t Headers::remove(FieldId id) noexcept {
  if (!has(id) || id == FieldId::other || id == FieldId::removed) return 0;
  size_t gone = 0;
  for (Field& field : std::span(fields_, count_)) {
    if (field.id != id) continue;
    field.id = FieldId::removed;
    ++gone;
  }
  present_ &= ~mask(id);
  return gone;
}

const Field* Headers::find(FieldId id) const noexcept {
  if (!has(id)) return nullptr;
  for (const Field& field : all())
    if (field.id == id) return &field;
  return nullptr;
}

const Field* Headers::find(std::string_view name) const noexcept {
  const FieldId id = field_id(name);
  if (id != FieldId::other) return find(id);
  const uint32_t hash = name_hash(name);
  for (const Field& field : all())
    if (field.is_other(name, hash)) return &field;
  return nullptr;
}

void Headers::replace_at(size_t slot, FieldId id, std::string_view name, std::string_view value) noexcept {
  fields_[slot] = {name, value, id};
}

size_t Headers::count(FieldId id) const noexcept {
  if (!has(id)) return 0;
  size_t count = 0;
  for (const Field& field : all()) count += field.id == id;
  return count;
}

size_t Headers::count(std::string_view name) const noexcept {
  const FieldId id = field_id(name);
  if (id != FieldId::other) return count(id);
  const uint32_t hash = name_hash(name);
  size_t count = 0;
  for (const Field& field : all()) count += field.is_other(name, hash);
  return count;
}

bool Headers::has_token(FieldId id, std::string_view token) const noexcept {
  if (!has(id)) return false;
  for (const Field& field : all()) {
    if (field.id != id) continue;
    std::string_view rest = field.value;
    while (!rest.empty())
      if (base::iequals(base::trim(base::take_until(rest, ',')), token)) return true;
  }
  return false;
}

}  // namespace rhumb::http
