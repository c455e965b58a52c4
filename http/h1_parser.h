// SPDX-License-Identifier: Apache-2.0
// Strict HTTP/1.x parser without I/O (RFC 9112). Bytes in, heads and body pieces out, in place. Ambiguity is refused,
// never repaired. Each object belongs to one message direction of one connection; one thread; no allocation but the
// field table in the arena.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/fault.h"
#include "http/message.h"

namespace rhumb::http {

/// Limits of a head. Exceeding request_line is 414, head 431, fields 431.
struct HeadLimits {
  uint32_t request_line = 8 * 1024;  // request line or status line, without CRLF
  uint32_t head = 32 * 1024;         // whole head
  uint16_t fields = 100;
};

enum class ParseStatus : uint8_t { need_more, done, failed };
struct ParseResult {
  ParseStatus status = ParseStatus::need_more;
  size_t consumed = 0;  // bytes of the head, when done (leading empty line included)
  base::Fault fault{};  // when failed
};

/// How far the bytes of a head have been looked at.
struct HeadScan {
  uint32_t scanned = 0;
  uint32_t line_end = 0;  // of the first line, once it is there and was found good
  uint32_t fields = 0;    // field lines so far
};

/// Reads one head at a time. feed() gets all bytes of the message so far (the start may move between calls, the content
/// not); work already done on earlier bytes is not repeated (linear in total, also when bytes drip). Views in the head
/// point into `bytes` of the call that returned done. A hopeless start (bad first line, binary) fails at once, before
/// the head is complete.
class RequestParser {
 public:
  explicit RequestParser(HeadLimits limits = {}) noexcept : limits_(limits) {}
  /// Goes on where another one was: what it leaves behind between two calls is its scan().
  RequestParser(HeadLimits limits, HeadScan scan) noexcept : limits_(limits), scan_(scan) {}
  const HeadScan& scan() const noexcept { return scan_; }
  void reset() noexcept { scan_ = {}; }
  /// `head` is whole only when done. After done or failed, reset() comes before the next feed().
  ParseResult feed(std::string_view bytes, base::Arena& arena, RequestHead& head) noexcept;

 private:
  bool read_at_once(std::string_view bytes, base::Arena& arena, RequestHead& head) noexcept;
  HeadLimits limits_;
  HeadScan scan_;
};

/// As RequestParser, for what an upstream sends. `request_method` decides the framing (HEAD). Interim heads (1xx) are
/// returned as heads of their own with BodyKind::none. Faults are upstream_malformed.
class ResponseParser {
 public:
  explicit ResponseParser(HeadLimits limits = {}) noexcept : limits_(limits) {}
  void reset() noexcept { scan_ = {}; }
  ParseResult feed(std::string_view bytes, Method request_method, base::Arena& arena, ResponseHead& head) noexcept;

 private:
  HeadLimits limits_;
  HeadScan scan_;
};

/// Takes the framing off a body. next() is called with the bytes at hand until they are consumed or done() is true;
/// each call returns at most one piece of content, as a view into `in`.
class BodyDecoder {
 public:
  struct Step {
    size_t consumed = 0;    // bytes of `in` taken
    std::string_view data;  // content among them
    bool failed = false;    // then fault says why; the connection is of no further use
    base::Fault fault{};
  };
  static constexpr size_t kMaxTrailers = 4 * 1024;
  static constexpr size_t kMaxChunkExtension = 256;

  /// `bad` is the fault a syntax error becomes: bad_request on the client's side, upstream_malformed on the other.
  void start(Framing framing, base::FaultKind bad) noexcept;
  Step next(std::string_view in) noexcept;
  bool done() const noexcept { return state_ == State::done; }
  /// End of stream: true when that ends the body properly (until_close, or already done).
  bool finish() noexcept;
  /// Content bytes surely still to come without any framing between them (length bodies and the current chunk); lets
  /// the caller splice. skip() tells the decoder that so many were moved past it (never more than plain_remaining()).
  uint64_t plain_remaining() const noexcept;
  void skip(uint64_t bytes) noexcept;
  BodyKind kind() const noexcept { return kind_; }
  /// Where trailers() keeps what passes; after start(). The owner's arena.
  void set_trailer_buffer(char* buffer, uint32_t capacity) noexcept {
    trailers_ = buffer, trailers_capacity_ = capacity;
  }
  /// Trailer section, validated field lines ("Name: value\r\n" each) without the final empty line; valid until start().
  /// What would mean something in a head (framing, routing, identity, content, every name the gateway knows) is
  /// dropped.
  std::string_view trailers() const noexcept { return {trailers_, trailers_size_}; }

 private:
  enum class State : uint8_t {
    length,
    until_close,
    chunk_size,
    chunk_ext,
    chunk_size_lf,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    failed
  };
  Step fail(const char* why) noexcept;
  Step content(std::string_view in, size_t at) noexcept;
  size_t plain_line(std::string_view in) noexcept;
  const char* expect_byte(char c, char wanted, State then) noexcept;
  const char* framing_byte(char c) noexcept;
  const char* size_byte(char c) noexcept;
  const char* extension_byte(char c) noexcept;
  const char* trailer_byte(char c) noexcept;
  const char* end_trailer_line() noexcept;

  State state_ = State::done;
  BodyKind kind_ = BodyKind::none;
  base::FaultKind bad_ = base::FaultKind::bad_request;
  uint8_t digits_ = 0;
  uint16_t extension_ = 0;
  bool quoted_ = false, escaped_ = false;  // inside a chunk extension's quoted string
  uint64_t remaining_ = 0;
  // Trailers are rare: without a buffer of the owner's they are checked and dropped.
  char* trailers_ = nullptr;
  uint32_t trailers_size_ = 0, trailers_capacity_ = 0, line_size_ = 0, trailer_bytes_ = 0;
};

}  // namespace rhumb::http
