// SPDX-License-Identifier: Apache-2.0
// One JSON object, written into fixed memory as it is told: for logs of the hot path. No allocation. What does not fit
// is left out, a whole member at a time, and the object is closed all the same. One thread.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace rhumb::base {

/// Writes `value` with three digits behind the point, halves away from zero; `null` when it is not finite. Returns the
/// new end; `to` must have room for 32 bytes. From 10^12 on as `1.500e+12`.
char* write_decimal(double value, char* to) noexcept;

class JsonLine {
 public:
  /// Of a text value more than this many bytes are cut off.
  static constexpr size_t kMaxText = 2048;

  /// `to` outlives the line, and has 256 bytes at least.
  explicit JsonLine(std::span<char> to) noexcept;

  // Names are written as they are: no quotes, no control characters. Those the compiler knows cost a store.
  template <size_t N>
  void text(const char (&name)[N], std::string_view value) noexcept {
    value = value.substr(0, kMaxText);
    if (begin(name, value.size() * 6 + 2)) put_text(value);
  }
  void text(std::string_view name, std::string_view value) noexcept {
    value = value.substr(0, kMaxText);
    if (begin(name, value.size() * 6 + 2)) put_text(value);
  }
  template <size_t N>
  void number(const char (&name)[N], uint64_t value) noexcept {
    if (begin(name, 20)) put_number(value);
  }
  template <size_t N>
  void decimal(const char (&name)[N], double value) noexcept {
    if (begin(name, 32)) at_ = write_decimal(value, at_);
  }
  void decimal(std::string_view name, double value) noexcept {
    if (begin(name, 32)) at_ = write_decimal(value, at_);
  }
  /// Only what is set is written.
  template <size_t N>
  void flag(const char (&name)[N], bool value) noexcept {
    if (value && begin(name, 4)) put("true");
  }

  /// A member that is an object; every open() has its close(). Without room for it, it and what is in it are left out.
  template <size_t N>
  void open(const char (&name)[N]) noexcept {
    enter(depth_ == 0 && begin(name, 2));
  }
  void open(std::string_view name) noexcept { enter(depth_ == 0 && begin(name, 2)); }
  void close() noexcept;
  /// The whole line, with its newline. Last call.
  std::string_view finish() noexcept;

 private:
  static constexpr size_t kReserve = 64;  // for what closes the line

  template <size_t N>
  bool begin(const char (&name)[N], size_t room) noexcept {
    if (!fits(N + room)) return false;
    if (!first_) *at_++ = ',';
    *at_++ = '"';
    std::memcpy(at_, name, N - 1);
    std::memcpy(at_ + N - 1, "\":", 2);
    at_ += N + 1;
    first_ = false;
    return true;
  }
  bool begin(std::string_view name, size_t room) noexcept;
  bool fits(size_t size) const noexcept {
    return depth_ == 0 && static_cast<size_t>(end_ - at_) >= size + 4 + kReserve;
  }
  template <size_t N>
  void put(const char (&bytes)[N]) noexcept {
    std::memcpy(at_, bytes, N - 1);
    at_ += N - 1;
  }
  void put_text(std::string_view value) noexcept;
  void put_number(uint64_t value) noexcept;
  void enter(bool opened) noexcept;

  char* begin_;
  char* at_;
  char* end_;
  unsigned depth_ = 0;  // of objects that were left out
  bool first_ = true;
};

}  // namespace rhumb::base
