// SPDX-License-Identifier: Apache-2.0
// Small work on views of bytes. ASCII only, no locale, no allocation; any thread.
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rhumb::base {

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = to_lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Case-blind (ASCII) equality.
constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // the usual spelling, by words
  for (size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// Without spaces and tabs at both ends (OWS of RFC 9110 5.6.3).
constexpr std::string_view trim(std::string_view s) noexcept {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

/// Digits only, no sign, no overflow; the whole text.
template <class T = uint64_t>
std::optional<T> parse_digits(std::string_view s) noexcept {
  T value{};
  if (s.empty() || !is_digit(s.front())) return std::nullopt;
  auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
  return value;
}

/// Splits at a separator: returns the part before it and leaves the rest. The last call leaves an empty rest.
constexpr std::string_view take_until(std::string_view& rest, char separator) noexcept {
  const size_t at = rest.find(separator);
  std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

}  // namespace rhumb::base
