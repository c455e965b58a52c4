// SPDX-License-Identifier: Apache-2.0
#include "http/h1_fields.h"

#include <algorithm>
#include <cstring>

namespace rhumb::http {

namespace {

const char* explain_bad_name(CharClass name_class, std::string_view line) noexcept {
  if (line.empty() || line[0] == ' ' || line[0] == '\t') return "line folding, or space before a field name";
  const char stop = *skip(name_class, line.data(), line.data() + line.size() - 1);
  if (line[0] == ':') return "empty field name";
  if (stop == ' ' || stop == '\t') return "space in or after a field name";
  if (stop == '_') return "underscore in a field name";
  return stop == '\r' ? "field line without a colon" : "bad character in a field name";
}

}  // namespace

ScanStatus scan_first_line(std::string_view bytes, size_t start, uint32_t limit, CharClass allowed,
                           HeadScan& scan) noexcept {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* const stop = begin + start + std::min<size_t>(bytes.size() - start, size_t{limit} + 1);
  const char* const from = begin + std::max<size_t>(start, scan.scanned);
  const char* at = allowed == kLine ? skip_line(from, stop) : skip(allowed, from, stop);
  scan.scanned = static_cast<uint32_t>(at - begin);
  if (at == stop) return scan.scanned - start > limit ? ScanStatus::line_too_long : ScanStatus::need_more;
  if (*at != '\r') return ScanStatus::bad_byte;
  if (at + 1 == end) return ScanStatus::need_more;  // the CR is looked at again
  if (at[1] != '\n') return ScanStatus::bad_byte;
  scan.line_end = scan.scanned;
  scan.scanned += 2;
  return ScanStatus::done;
}

namespace {

/// First line feed from `at` on, or nullptr.
struct LineFeeds {
  const char* at;
  const char* end;
  uint32_t found = 0;  // in the block before `at`

  const char* next() noexcept {
    while (found == 0) {
      if (end - at < Block16::kSize) {
        const void* last = at == end ? nullptr : std::memchr(at, '\n', static_cast<size_t>(end - at));
        at = last == nullptr ? end : static_cast<const char*>(last) + 1;
        return static_cast<const char*>(last);
      }
      found = Block16(at).equal('\n');
      at += Block16::kSize;
    }
    const char* feed = at - Block16::kSize + std::countr_zero(found);
    found &= found - 1;
    return feed;
  }
};

}  // namespace

ScanStatus scan_fields(std::string_view bytes, size_t start, const HeadLimits& limits, HeadScan& scan) noexcept {
  const char* const begin = bytes.data();
  LineFeeds feeds{begin + scan.scanned, begin + bytes.size()};
  for (;;) {
    const char* at = feeds.next();
    const auto next = static_cast<uint32_t>(at == nullptr ? bytes.size() : static_cast<size_t>(at - begin) + 1);
    if (next - start > limits.head) return ScanStatus::head_too_large;
    scan.scanned = next;
    if (at == nullptr) return ScanStatus::need_more;
    // The bytes before are a CRLF at least: the one of the first line.
    if (at[-1] != '\r') return ScanStatus::bad_byte;
    if (at[-2] == '\n') return ScanStatus::done;
    if (++scan.fields > limits.fields) return ScanStatus::too_many_fields;
  }
}

const char* parse_fields(std::string_view lines, CharClass name_class, Headers& to) noexcept {
  const char* at = lines.data();
  const char* const end = at + lines.size();
  while (at != end) {
    const char* const colon = skip_name(name_class, at, end);
    if (colon == at || colon == end || *colon != ':')
      return explain_bad_name(name_class, {at, static_cast<size_t>(end - at)});
    const char* value = colon + 1;
    while (value != end && (*value == ' ' || *value == '\t')) ++value;
    const char* const line_end = skip_value(value, end);
    if (end - line_end < 2 || line_end[0] != '\r') return "control character in a field value";
    if (line_end[1] != '\n') return "CR without LF in a field value";
    const char* value_end = line_end;
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
    const std::string_view name(at, static_cast<size_t>(colon - at));
    const bool plain = value == colon + 2 && colon[1] == ' ' && value_end == line_end;
    if (!to.add(field_id(name), name, {value, static_cast<size_t>(value_end - value)}, plain))
      return "field table full";
    at = line_end + 2;
  }
  return nullptr;
}

}  // namespace rhumb::http
