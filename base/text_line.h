// SPDX-License-Identifier: Apache-2.0
// One line of plain text, written into fixed memory as it is told: for logs of the hot path. No allocation. Values
// cannot end the line, a quoted field or an escape: all but printable ASCII, and quote and backslash, become \xNN. What
// does not fit is cut off, and the line is ended all the same. One thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace rhumb::base {

class TextLine {
 public:
  /// Of a value more than this many bytes are cut off.
  static constexpr size_t kMaxValue = 2048;

  /// `to` outlives the line, and has 64 bytes at least.
  explicit TextLine(std::span<char> to) noexcept;

  /// As it is.
  void literal(std::string_view text) noexcept;
  /// Escaped; nothing becomes "-".
  void value(std::string_view text) noexcept { text.empty() ? literal("-") : part(text); }
  /// Escaped; for a value that is put together from several.
  void part(std::string_view text) noexcept;
  void number(uint64_t value) noexcept;
  /// With three digits behind the point.
  void decimal(double value) noexcept;
  /// The whole line, with its newline. Last call.
  std::string_view finish() noexcept;

 private:
  char* begin_;
  char* at_;
  char* end_;  // a byte before the end, which is the newline's
};

}  // namespace rhumb::base
