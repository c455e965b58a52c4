// SPDX-License-Identifier: Apache-2.0
// canonical_path() of http/uri.h.
#include <cstring>

#include "http/chars.h"
#include "http/uri.h"

namespace rhumb::http {

using base::Fault;
using base::FaultKind;
using base::Unexpected;

namespace {

/// Value of the encoding "%XY" at the front of `text`; -1 when it is none.
int decoded(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = base::hex_value(text[1]), low = base::hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Does an overlong UTF-8 sequence begin here? Some decoders read %C0%AF as '/'.
bool overlong(int first, std::string_view after) noexcept {
  const int second = decoded(after);
  if (first == 0xc0 || first == 0xc1) return second >= 0x80 && second < 0xc0;
  if (first == 0xe0) return second >= 0x80 && second < 0xa0;
  return first == 0xf0 && second >= 0x80 && second < 0x90;
}

/// "." or "..", alone or with parameters ("..;x": some servers cut those off first)?
bool is_dots(std::string_view segment) noexcept {
  if (segment.empty() || segment[0] != '.') return false;
  segment.remove_prefix(segment.size() > 1 && segment[1] == '.' ? 2 : 1);
  return segment.empty() || segment[0] == ';';
}

struct Reading {
  const char* wrong = nullptr;
  bool rewrite = false;  // an encoding or a dot segment is not in its canonical form
};

Reading read_encoding(std::string_view at) noexcept {
  const int byte = decoded(at);
  if (byte < 0) return {"bad percent-encoding in the path"};
  if (byte == 0 || byte == '/' || byte == '\\') return {"encoded NUL, slash or backslash in the path"};
  if (overlong(byte, at.substr(3))) return {"overlong UTF-8 in the path"};
  return {nullptr, is(kUnreserved, static_cast<char>(byte)) || at[1] >= 'a' || at[2] >= 'a'};
}

Reading read_path(std::string_view path) noexcept {
  if (path.empty() || path[0] != '/') return {"path does not begin with a slash"};
  Reading all;
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '%') {
      const Reading one = read_encoding(path.substr(i));
      if (one.wrong != nullptr) return one;
      all.rewrite |= one.rewrite;
    } else if (c == '/') {
      if (i + 1 < path.size() && path[i + 1] == '.')
        all.rewrite |= is_dots(path.substr(i + 1, path.find('/', i + 1) - i - 1));
    } else if (!is(kTarget, c) || c == '\\' || c == '?') {
      return {"bad character in the path"};
    }
  }
  return all;
}

/// Writes one segment with every encoding in its canonical form; the encodings were found good before.
char* write_segment(std::string_view segment, char* to) noexcept {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < segment.size(); ++i) {
    const int byte = decoded(segment.substr(i));
    if (byte < 0) {
      *to++ = segment[i];
      continue;
    }
    i += 2;
    if (is(kUnreserved, static_cast<char>(byte))) {
      *to++ = static_cast<char>(byte);
    } else {
      *to++ = '%', *to++ = kHex[byte >> 4], *to++ = kHex[byte & 15];
    }
  }
  return to;
}

}  // namespace

base::Result<std::string_view, Fault> canonical_path(std::string_view path, base::Arena& arena) {
  const auto bad = [](const char* why) { return Unexpected(Fault{FaultKind::bad_request, why}); };
  const Reading reading = read_path(path);
  if (reading.wrong != nullptr) return bad(reading.wrong);
  if (!reading.rewrite) return path;
  char* const begin = arena.allocate_chars(path.size());
  char* at = begin;
  for (std::string_view rest = path.substr(1);;) {
    const bool last = rest.find('/') == std::string_view::npos;
    const std::string_view raw = base::take_until(rest, '/');
    *at = '/';
    char* const end = write_segment(raw, at + 1);
    const std::string_view segment(at + 1, static_cast<size_t>(end - at - 1));
    if (!is_dots(segment)) {
      at = end;
    } else if (segment.size() != raw.size() || segment.find(';') != std::string_view::npos) {
      return bad("hidden dot segment in the path");
    } else {
      if (segment.size() == 2) {
        if (at == begin) return bad("path leaves the root");
        while (*--at != '/') {
        }
      }
      if (last) *at++ = '/';
    }
    if (last) return std::string_view(begin, static_cast<size_t>(at - begin));
  }
}

}  // namespace rhumb::http
