// SPDX-License-Identifier: Apache-2.0
// Writes heads and chunk framing into memory the caller owns. Never allocates; running out of room sets overflow() and
// writes nothing further. Values are trusted to have passed the parser's or valid_value()'s checks.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

#include "http/message.h"

namespace rhumb::http {

/// Cursor over a caller's buffer.
class Writer {
 public:
  Writer(char* to, size_t capacity) noexcept : begin_(to), at_(to), end_(to + capacity) {}
  void raw(std::string_view bytes) noexcept {
    if (overflow_ || room() < bytes.size()) {
      overflow_ = true;
      return;
    }
    put(bytes);
  }
  void number(uint64_t value) noexcept;
  void field(std::string_view name, std::string_view value) noexcept {
    if (overflow_ || room() < name.size() + value.size() + 4) {
      overflow_ = true;
      return;
    }
    put(name), put(": "), put(value), put("\r\n");
  }
  void field(std::string_view name, uint64_t value) noexcept { raw(name), raw(": "), number(value), raw("\r\n"); }
  /// "HTTP/1.1 200 OK\r\n" with the given reason (the standard phrase when empty).
  void status_line(uint16_t status, std::string_view reason = {}) noexcept;
  void end_of_head() noexcept { raw("\r\n"); }
  /// All fields but holes, those named in `drop` (a bit set over FieldId) and those a Connection field names.
  void fields(const Headers& headers, uint64_t drop) noexcept;

  std::string_view view() const noexcept { return {begin_, static_cast<size_t>(at_ - begin_)}; }
  size_t size() const noexcept { return static_cast<size_t>(at_ - begin_); }
  size_t room() const noexcept { return static_cast<size_t>(end_ - at_); }
  char* at() noexcept { return at_; }
  void advance(size_t bytes) noexcept { at_ += bytes; }
  bool overflow() const noexcept { return overflow_; }

 private:
  void put(std::string_view bytes) noexcept {
    if (bytes.empty()) return;  // its data() may be null, which memcpy may not be given
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  char* begin_;
  char* at_;
  char* end_;
  bool overflow_ = false;
};

static_assert(static_cast<unsigned>(FieldId::kCount) <= 64, "drop sets are 64 bits wide");
constexpr uint64_t bit(FieldId id) noexcept { return uint64_t{1} << static_cast<unsigned>(id); }
/// Fields that belong to one connection only and never pass (RFC 9110 7.6.1, 9112 9): framing is written anew.
inline constexpr uint64_t kHopByHop =
    bit(FieldId::connection) | bit(FieldId::keep_alive) | bit(FieldId::proxy_connection) | bit(FieldId::te) |
    bit(FieldId::trailer) | bit(FieldId::transfer_encoding) | bit(FieldId::upgrade) | bit(FieldId::content_length) |
    bit(FieldId::http2_settings) | bit(FieldId::removed);

/// "1a2b\r\n"; at most 18 bytes; returns how many.
size_t write_chunk_size(uint64_t size, char* to) noexcept;
std::string_view reason_phrase(uint16_t status) noexcept;
/// RFC 9110 5.6.2 token and 5.5 field-value (no CR, LF, NUL or other controls but tab).
bool valid_name(std::string_view name) noexcept;
bool valid_value(std::string_view value) noexcept;

}  // namespace rhumb::http
