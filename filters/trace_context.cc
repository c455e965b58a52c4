// SPDX-License-Identifier: Apache-2.0
#include "filters/trace_context.h"

#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/random.h"

namespace rhumb::filters {
namespace {

constexpr size_t kMaxMembers = 32, kMaxState = 512, kMaxKey = 256, kMaxValue = 256;

/// Ids must be distinct, not secret: a generator per thread, seeded by the system at its first use.
uint64_t draw() noexcept {
  thread_local base::Random random(base::random_u64());
  return random.next();
}

bool lower_hex(std::string_view text) noexcept {
  for (const char c : text)
    if (!base::is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
  return true;
}

bool all_zero(std::string_view text) noexcept { return text.find_first_not_of('0') == std::string_view::npos; }

bool valid_key(std::string_view key) noexcept {
  if (key.empty() || key.size() > kMaxKey) return false;
  const auto lower = [](char c) { return base::is_digit(c) || (c >= 'a' && c <= 'z'); };
  if (!lower(key.front())) return false;
  bool system = false;  // behind the '@' of tenant@system
  for (const char c : key) {
    if (c == '@' && !system) {
      system = true;
    } else if (!lower(c) && c != '_' && c != '-' && c != '*' && c != '/') {
      return false;
    }
  }
  return key.back() != '@';
}

bool valid_state_value(std::string_view value) noexcept {
  if (value.empty() || value.size() > kMaxValue) return false;
  for (const char c : value)
    if (c < 0x20 || c > 0x7e || c == ',' || c == '=') return false;
  return true;
}

/// Eight hexadecimal digits, the first in the lowest byte: all of them are made at once, one in each byte of a word.
constexpr uint64_t hex_digits(uint32_t value) noexcept {
  constexpr uint64_t ones = 0x0101010101010101;
  uint64_t x = value;  // nibbles are moved apart, the last one ends in the highest byte
  x = (x & 0xffff) << 32 | x >> 16;
  x = (x & 0x000000ff000000ff) << 16 | (x >> 8 & 0x000000ff000000ff);
  x = (x & 0x000f000f000f000f) << 8 | (x >> 4 & 0x000f000f000f000f);
  const uint64_t letters = (x + 6 * ones) >> 4 & ones;  // a one where the nibble is above 9
  return x + '0' * ones + ('a' - '0' - 10) * letters;
}

void put_hex(uint32_t value, char* to) noexcept {
  static_assert(std::endian::native == std::endian::little);
  const uint64_t digits = hex_digits(value);
  std::memcpy(to, &digits, sizeof digits);
}

}  // namespace

void write_fresh_id(char* to) noexcept {
  const uint64_t value = draw() | 1;
  put_hex(static_cast<uint32_t>(value >> 32), to);
  put_hex(static_cast<uint32_t>(value), to + 8);
}

std::string_view fresh_id(base::Arena& arena) {
  char* const to = arena.allocate_chars(32);
  write_fresh_id(to);
  write_fresh_id(to + 16);
  return {to, 32};
}

std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept {
  if (text.size() < kTraceparentSize) return std::nullopt;
  const std::string_view version = text.substr(0, 2), trace = text.substr(3, 32), parent = text.substr(36, 16),
                         flags = text.substr(53, 2);
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  if (!lower_hex(version) || version == "ff") return std::nullopt;
  if (text.size() > kTraceparentSize && (version == "00" || text[kTraceparentSize] != '-')) return std::nullopt;
  if (!lower_hex(trace) || all_zero(trace) || !lower_hex(parent) || all_zero(parent) || !lower_hex(flags))
    return std::nullopt;
  return TraceParent{trace, static_cast<uint8_t>(base::hex_value(flags[0]) << 4 | base::hex_value(flags[1]))};
}

bool valid_tracestate(std::string_view text) noexcept {
  if (text.size() > kMaxState) return false;
  size_t members = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view member = base::trim(base::take_until(rest, ','));
    if (member.empty()) continue;
    const size_t equals = member.find('=');
    if (equals == std::string_view::npos || ++members > kMaxMembers) return false;
    if (!valid_key(member.substr(0, equals)) || !valid_state_value(member.substr(equals + 1))) return false;
  }
  return members > 0;
}

}  // namespace rhumb::filters
