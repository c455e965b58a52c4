// SPDX-License-Identifier: Apache-2.0
// BodyDecoder of http/h1_parser.h.
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "http/chars.h"
#include "http/h1_parser.h"

namespace rhumb::http {

namespace {

constexpr uint8_t kMaxDigits = 16;
constexpr uint64_t kMaxChunk = std::numeric_limits<int64_t>::max();

// RFC 9110 6.5.1: a trailer may not do what only a head may. Names the gateway knows itself (FieldId) are not repeated
// here.
constexpr std::array<std::string_view, 12> kHeadOnly = {"age",    "allow",  "expires", "pragma", "range",
                                                        "vary",   "dnt",    "warning", "status", "www-authenticate",
                                                        "method", "refresh"};
constexpr std::array<std::string_view, 13> kHeadOnlyPrefixes = {
    "content-", "if-",    "x-forwarded", "x-real-", "x-region", "x-geo-",    "x-original-",
    "x-http-",  "proxy-", "sec-",        "rhumb-",  "access-",  "x-rewrite-"};

bool allowed_trailer(std::string_view name) noexcept {
  if (field_id(name) != FieldId::other) return false;
  for (std::string_view only : kHeadOnly)
    if (base::iequals(name, only)) return false;
  for (std::string_view prefix : kHeadOnlyPrefixes)
    if (base::iequals(name.substr(0, prefix.size()), prefix)) return false;
  return true;
}

}  // namespace

void BodyDecoder::start(Framing framing, base::FaultKind bad) noexcept {
  *this = BodyDecoder();
  kind_ = framing.kind;
  bad_ = bad;
  switch (framing.kind) {
    case BodyKind::none:
      break;
    case BodyKind::length:
      remaining_ = framing.length;
      if (remaining_ != 0) state_ = State::length;
      break;
    case BodyKind::chunked:
      state_ = State::chunk_size;
      break;
    case BodyKind::until_close:
      state_ = State::until_close;
      break;
  }
}

BodyDecoder::Step BodyDecoder::fail(const char* why) noexcept {
  state_ = State::failed;
  return {0, {}, true, {bad_, why}};
}

BodyDecoder::Step BodyDecoder::next(std::string_view in) noexcept {
  if (state_ == State::failed) return fail("body already failed");
  size_t at = 0;
  while (at < in.size() && state_ != State::done) {
    if (state_ == State::chunk_data || state_ == State::length || state_ == State::until_close) return content(in, at);
    const bool line_begins = state_ == State::chunk_data_cr || (state_ == State::chunk_size && digits_ == 0);
    if (const size_t line = line_begins ? plain_line(in.substr(at)) : 0; line != 0) {
      at += line;
      continue;
    }
    do {
      if (const char* wrong = framing_byte(in[at++])) return fail(wrong);
    } while (at < in.size() && state_ == State::chunk_ext);
  }
  return {at, {}, false, {}};
}

/// The size line of a chunk in its usual form, with the line end of the chunk before it, at once: a body of small
/// chunks is little else. Called where one begins. Zero when it is not that, or not all of it has come: then it goes a
/// byte at a time.
size_t BodyDecoder::plain_line(std::string_view in) noexcept {
  constexpr size_t kUsualDigits = 8;
  size_t at = 0;
  if (state_ == State::chunk_data_cr) {
    if (!in.starts_with("\r\n")) return 0;
    at = 2;
  }
  const size_t first = at;
  uint64_t size = 0;
  for (; at < in.size() && at - first < kUsualDigits; ++at) {
    const int digit = base::hex_value(in[at]);
    if (digit < 0) break;
    size = size << 4 | static_cast<uint64_t>(digit);
  }
  if (size == 0 || !in.substr(at).starts_with("\r\n")) return 0;
  remaining_ = size;
  extension_ = 0;
  state_ = State::chunk_data;
  return at + 2;
}

BodyDecoder::Step BodyDecoder::content(std::string_view in, size_t at) noexcept {
  std::string_view data = in.substr(at);
  if (state_ != State::until_close) {
    data = data.substr(0, static_cast<size_t>(std::min<uint64_t>(data.size(), remaining_)));
    skip(data.size());
  }
  return {at + data.size(), data, false, {}};
}

const char* BodyDecoder::expect_byte(char c, char wanted, State then) noexcept {
  if (c != wanted) return "bad line end in chunked body";
  state_ = then;
  return nullptr;
}

const char* BodyDecoder::framing_byte(char c) noexcept {
  switch (state_) {
    case State::chunk_size:
      return size_byte(c);
    case State::chunk_ext:
      return extension_byte(c);
    case State::chunk_size_lf:
      digits_ = 0;
      extension_ = 0;
      return expect_byte(c, '\n', remaining_ != 0 ? State::chunk_data : State::trailer_start);
    case State::chunk_data_cr:
      return expect_byte(c, '\r', State::chunk_data_lf);
    case State::chunk_data_lf:
      return expect_byte(c, '\n', State::chunk_size);
    case State::end_lf:
      return expect_byte(c, '\n', State::done);
    default:
      return trailer_byte(c);
  }
}

const char* BodyDecoder::size_byte(char c) noexcept {
  const int digit = base::hex_value(c);
  if (digit >= 0) {
    if (++digits_ > kMaxDigits) return "chunk size too long";
    remaining_ = remaining_ << 4 | static_cast<uint64_t>(digit);
    return remaining_ > kMaxChunk ? "chunk size out of range" : nullptr;
  }
  if (digits_ == 0) return "no chunk size";
  if (c == ';') {
    state_ = State::chunk_ext;
    return nullptr;
  }
  return expect_byte(c, '\r', State::chunk_size_lf);
}

/// Extensions are thrown away, but not what could make another reader see the line end elsewhere.
const char* BodyDecoder::extension_byte(char c) noexcept {
  if (c == '\r') {
    if (extension_ == 0) return "empty chunk extension";
    if (quoted_) return "open quote in a chunk extension";
    state_ = State::chunk_size_lf;
    return nullptr;
  }
  if (!is(kFieldValue, c)) return "control character in a chunk extension";
  if (++extension_ > kMaxChunkExtension) return "chunk extension too long";
  const bool grammar = is(kToken, c) || (extension_ != 1 && (c == ';' || c == '=' || c == '"'));
  if (!quoted_ && !grammar) return "bad chunk extension";
  if (escaped_) {
    escaped_ = false;
  } else if (c == '"') {
    quoted_ = !quoted_;
  } else {
    escaped_ = quoted_ && c == '\\';
  }
  return nullptr;
}

const char* BodyDecoder::trailer_byte(char c) noexcept {
  if (++trailer_bytes_ > kMaxTrailers) return "trailers too large";
  if (state_ == State::trailer_lf) return c == '\n' ? end_trailer_line() : "CR without LF in trailers";
  if (state_ == State::trailer_start && c == '\r') {
    state_ = State::end_lf;
    return nullptr;
  }
  if (state_ == State::trailer_value) {
    if (c == '\r') state_ = State::trailer_lf;
    if (c != '\r' && !is(kFieldValue, c)) return "control character in trailers";
  } else if (c == ':' && state_ == State::trailer_name) {
    state_ = State::trailer_value;
  } else if (is(kFieldName, c)) {
    state_ = State::trailer_name;
  } else {
    return "bad field name in trailers";
  }
  if (trailers_ == nullptr || state_ == State::trailer_lf) return nullptr;
  if (trailers_size_ + line_size_ == trailers_capacity_) return "trailers too large";
  trailers_[trailers_size_ + line_size_++] = c;
  return nullptr;
}

/// Keeps the line in its plain form, or drops it.
const char* BodyDecoder::end_trailer_line() noexcept {
  state_ = State::trailer_start;
  if (trailers_ == nullptr) return nullptr;
  char* const line = trailers_ + trailers_size_;
  std::string_view value(line, line_size_);
  line_size_ = 0;
  const std::string_view name = base::take_until(value, ':');
  if (!allowed_trailer(name)) return nullptr;
  value = base::trim(value);
  const size_t size = name.size() + 2 + value.size() + 2;
  if (trailers_size_ + size > trailers_capacity_) return "trailers too large";
  std::memmove(line + name.size() + 2, value.data(), value.size());
  std::memcpy(line + name.size(), ": ", 2);
  std::memcpy(line + size - 2, "\r\n", 2);
  trailers_size_ += static_cast<uint32_t>(size);
  return nullptr;
}

bool BodyDecoder::finish() noexcept {
  if (state_ == State::until_close) state_ = State::done;
  return state_ == State::done;
}

uint64_t BodyDecoder::plain_remaining() const noexcept {
  return state_ == State::length || state_ == State::chunk_data ? remaining_ : 0;
}

void BodyDecoder::skip(uint64_t bytes) noexcept {
  if (state_ != State::length && state_ != State::chunk_data) return;
  remaining_ -= std::min(bytes, remaining_);
  if (remaining_ == 0) state_ = state_ == State::length ? State::done : State::chunk_data_cr;
}

}  // namespace rhumb::http
