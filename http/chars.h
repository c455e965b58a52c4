// SPDX-License-Identifier: Apache-2.0
// What each byte may be in a message: one table of 256 bit sets, so that the parsers ask once a byte. Constants; any
// thread.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "http/block16.h"

namespace rhumb::http {

enum CharClass : uint8_t {
  kToken = 1,         // RFC 9110 5.6.2 tchar
  kFieldName = 2,     // tchar without '_': a CGI behind us could not tell it from '-'
  kFieldValue = 4,    // RFC 9110 5.5: visible, SP, HTAB, obs-text
  kTarget = 8,        // 0x21-0x7e but '#': what a request target may be made of
  kLine = 16,         // SP and visible ASCII: what a request line may be made of
  kHost = 32,         // letters, digits, '-', '.', '_': a registered name, narrowed (no pct-encoding, no sub-delims)
  kUnreserved = 64,   // RFC 3986 2.3
  kCookieValue = 128  // RFC 6265 4.1.1 cookie-octet
};

constexpr uint8_t char_classes_of(unsigned c) noexcept {
  const char ch = static_cast<char>(c);
  const bool alnum = c < 0x80 && (base::is_alpha(ch) || base::is_digit(ch));
  const bool visible = c > 0x20 && c < 0x7f;
  const bool token = alnum || (visible && std::string_view("!#$%&'*+-.^_`|~").find(ch) != std::string_view::npos);
  const bool cookie = visible && ch != '"' && ch != ',' && ch != ';' && ch != '\\';
  unsigned bits = 0;
  if (token) bits |= kToken;
  if (token && ch != '_') bits |= kFieldName;
  if (visible || c == ' ' || c == '\t' || c >= 0x80) bits |= kFieldValue;
  if (visible && ch != '#') bits |= kTarget;
  if (visible || c == ' ') bits |= kLine;
  if (alnum || ch == '-' || ch == '.' || ch == '_') bits |= kHost;
  if (alnum || ch == '-' || ch == '.' || ch == '_' || ch == '~') bits |= kUnreserved;
  if (cookie) bits |= kCookieValue;
  return static_cast<uint8_t>(bits);
}

inline constexpr std::array<uint8_t, 256> kCharClasses = [] {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = char_classes_of(c);
  return table;
}();

constexpr bool is(CharClass wanted, char c) noexcept { return (kCharClasses[static_cast<uint8_t>(c)] & wanted) != 0; }

/// First byte from `at` on that is not of the class, or `end`.
constexpr const char* skip(CharClass wanted, const char* at, const char* end) noexcept {
  while (at != end && is(wanted, *at)) ++at;
  return at;
}
/// Not empty and all of the class.
constexpr bool all_of(CharClass wanted, std::string_view text) noexcept {
  return !text.empty() && skip(wanted, text.data(), text.data() + text.size()) == text.data() + text.size();
}

/// As skip(kFieldValue, ...), sixteen bytes at a time: values are where most of a head's bytes are.
inline const char* skip_value(const char* at, const char* end) noexcept {
  while (end - at >= Block16::kSize) {
    for (uint32_t stops = Block16(at).controls(); stops != 0; stops &= stops - 1) {
      const char* stop = at + std::countr_zero(stops);
      if (*stop != '\t') return stop;
    }
    at += Block16::kSize;
  }
  return skip(kFieldValue, at, end);
}

/// As skip(kLine, ...).
inline const char* skip_line(const char* at, const char* end) noexcept {
  while (end - at >= Block16::kSize) {
    const uint32_t stops = Block16(at).no_line();
    if (stops != 0) return at + std::countr_zero(stops);
    at += Block16::kSize;
  }
  return skip(kLine, at, end);
}

/// As skip(name_class, ...) for a class that has letters, digits and '-': what usual names are made of.
inline const char* skip_name(CharClass name_class, const char* at, const char* end) noexcept {
  while (end - at >= Block16::kSize) {
    const uint32_t stops = Block16(at).no_plain_name();
    if (stops != 0) {
      at += std::countr_zero(stops);
      return *at == ':' ? at : skip(name_class, at, end);
    }
    at += Block16::kSize;
  }
  return skip(name_class, at, end);
}

}  // namespace rhumb::http
