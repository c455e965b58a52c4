// SPDX-License-Identifier: Apache-2.0
#include "http/h1_writer.h"

#include <array>
#include <charconv>

#include "http/chars.h"

namespace rhumb::http {

namespace {

/// Calls `take` with what the Connection fields name, but for what is never a field to pass on, until it returns false.
template <class Take>
void each_nominated(const Headers& headers, Take take) noexcept {
  for (const Field& field : headers.all()) {
    if (field.id != FieldId::connection) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::string_view option = base::trim(base::take_until(rest, ','));
      if (option.empty() || base::iequals(option, "close") || base::iequals(option, "keep-alive")) continue;
      if (!take(option)) return;
    }
  }
}

/// Most messages name nothing.
bool nominates(const Headers& headers) noexcept {
  bool any = false;
  if (headers.has(FieldId::connection)) each_nominated(headers, [&](std::string_view) { return any = true, false; });
  return any;
}

/// The names. The parser lets no more through than these (framing.cc), and leaves "upgrade" alone of them.
class Nominated {
 public:
  explicit Nominated(const Headers& headers) noexcept {
    each_nominated(headers, [&](std::string_view option) {
      options_[count_++] = option;
      return count_ < options_.size();
    });
  }
  bool contains(std::string_view name) const noexcept {
    for (size_t i = 0; i < count_; ++i)
      if (base::iequals(options_[i], name)) return true;
    return false;
  }

 private:
  std::array<std::string_view, 32> options_;
  size_t count_ = 0;
};

/// All but those for which `skip` says so. Neighbours that stand in the message as they are to be written leave in one
/// piece.
template <class Skip>
void write_fields(Writer& to, const Headers& headers, Skip skip) noexcept {
  const char* begin = nullptr;
  const char* end = nullptr;
  const auto write_piece = [&] { to.raw({begin, static_cast<size_t>(end - begin)}), begin = end = nullptr; };
  for (const Field& f : headers.all()) {
    if (skip(f)) continue;
    if (!f.plain) {
      write_piece();
      to.field(f.name, f.value);
      continue;
    }
    if (f.name.data() != end) {
      write_piece();
      begin = f.name.data();
    }
    end = f.value.data() + f.value.size() + 2;
  }
  write_piece();
}

}  // namespace

void Writer::number(uint64_t value) noexcept {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, value);
  raw({text, static_cast<size_t>(end.ptr - text)});
}

void Writer::status_line(uint16_t status, std::string_view reason) noexcept {
  raw("HTTP/1.1 ");
  number(status);
  raw(" ");
  raw(reason.empty() ? reason_phrase(status) : reason);
  raw("\r\n");
}

void Writer::fields(const Headers& headers, uint64_t drop) noexcept {
  drop |= bit(FieldId::removed);
  const auto dropped = [drop](const Field& f) { return (drop & bit(f.id)) != 0; };
  if (!nominates(headers)) return write_fields(*this, headers, dropped);
  const Nominated named(headers);
  write_fields(*this, headers, [&](const Field& f) { return dropped(f) || named.contains(f.name); });
}

size_t write_chunk_size(uint64_t size, char* to) noexcept {
  const auto end = std::to_chars(to, to + 16, size, 16);
  std::memcpy(end.ptr, "\r\n", 2);
  return static_cast<size_t>(end.ptr - to) + 2;
}

std::string_view reason_phrase(uint16_t status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 305:
      return "Use Proxy";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    case 508:
      return "Loop Detected";
    case 511:
      return "Network Authentication Required";
    default:
      return "";
  }
}

bool valid_name(std::string_view name) noexcept { return all_of(kToken, name); }

bool valid_value(std::string_view value) noexcept {
  const char* const end = value.data() + value.size();
  return skip_value(value.data(), end) == end;
}

}  // namespace rhumb::http
