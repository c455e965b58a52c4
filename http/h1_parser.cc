// SPDX-License-Identifier: Apache-2.0
#include "http/h1_parser.h"

#include <algorithm>

#include "http/framing.h"
#include "http/h1_fields.h"
#include "http/uri.h"

namespace rhumb::http {

using base::Fault;
using base::FaultKind;

namespace {

ParseResult failed(FaultKind kind, const char* detail) noexcept { return {ParseStatus::failed, 0, {kind, detail}}; }
ParseResult failed(const Fault& fault) noexcept { return {ParseStatus::failed, 0, fault}; }
ParseResult more() noexcept { return {}; }

/// A fault, or none when detail is null: what the steps below return.
constexpr Fault kFine{FaultKind::internal, nullptr};
constexpr Fault bad(const char* detail) noexcept { return {FaultKind::bad_request, detail}; }

ParseResult scan_failed(ScanStatus status) noexcept {
  switch (status) {
    case ScanStatus::line_too_long:
      return failed(FaultKind::uri_too_long, "first line too long");
    case ScanStatus::head_too_large:
      return failed(FaultKind::head_too_large, "head too large");
    case ScanStatus::too_many_fields:
      return failed(FaultKind::too_many_fields, "too many fields");
    default:
      return failed(FaultKind::bad_request, "bad byte or line end");
  }
}

Fault parse_version(std::string_view text, Version& to) noexcept {
  if (text == "HTTP/1.1") {
    to = Version::http11;
  } else if (text == "HTTP/1.0") {
    to = Version::http10;
  } else if (text.size() == 8 && text.substr(0, 5) == "HTTP/" && base::is_digit(text[5]) && text[6] == '.' &&
             base::is_digit(text[7])) {
    return {FaultKind::version_not_supported, "neither HTTP/1.0 nor HTTP/1.1"};
  } else {
    return bad("bad HTTP version");
  }
  return kFine;
}

void split_query(std::string_view text, RequestHead& head) noexcept {
  const size_t mark = text.find('?');
  head.path = text.substr(0, mark);
  head.has_query = mark != std::string_view::npos;
  head.query = head.has_query ? text.substr(mark + 1) : std::string_view{};
}

/// RFC 9112 3.2.2. Only what this gateway can be asked for: http and https, and never with a user.
Fault parse_absolute(RequestHead& head) noexcept {
  const size_t scheme = head.target.find("://");
  const std::string_view name = head.target.substr(0, scheme);
  if (scheme == std::string_view::npos || !(base::iequals(name, "http") || base::iequals(name, "https")))
    return bad("bad request target");
  const std::string_view rest = head.target.substr(scheme + 3);
  const size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  head.form = TargetForm::absolute;
  head.authority = rest.substr(0, slash);
  const auto host = parse_authority(head.authority);
  if (!host) return bad("bad host in the request target");
  head.host = *host;
  split_query(rest.substr(slash), head);
  if (!head.path.empty()) return kFine;
  head.path = "/";
  if (head.method == Method::options && !head.has_query) {  // RFC 9112 3.2.4: the server as a whole is meant
    head.form = TargetForm::asterisk;
    head.path = "*";
  }
  return kFine;
}

Fault parse_target(RequestHead& head) noexcept {
  head.authority = {};
  head.host = {};
  // No space and, by the scan of the line, nothing but visible ASCII: of that only a fragment has no place here.
  if (head.target.find('#') != std::string_view::npos) return bad("bad request target");
  if (head.target[0] == '/') {
    head.form = TargetForm::origin;
    split_query(head.target, head);
    return kFine;
  }
  if (head.target == "*") {
    if (head.method != Method::options) return bad("asterisk target without OPTIONS");
    head.form = TargetForm::asterisk;
    split_query(head.target, head);
    return kFine;
  }
  return parse_absolute(head);
}

/// method SP request-target SP HTTP-version, one space each (RFC 9112 3).
Fault parse_request_line(std::string_view line, RequestHead& head) noexcept {
  head.method_text = base::take_until(line, ' ');
  head.target = base::take_until(line, ' ');
  if (!all_of(kToken, head.method_text) || head.target.empty()) return bad("bad request line");
  if (const Fault fault = parse_version(line, head.version); fault.detail != nullptr) return fault;
  head.method = method_of(head.method_text);
  if (head.method == Method::trace || head.method == Method::connect)
    return {FaultKind::method_not_implemented, "TRACE or CONNECT"};
  return parse_target(head);
}

/// RFC 9112 3.2: one valid Host; the authority of an absolute target goes before it.
Fault check_host(RequestHead& head) noexcept {
  const size_t count = head.fields.count(FieldId::host);
  if (count > 1) return bad("repeated Host");
  if (count == 0) return head.version == Version::http10 ? kFine : bad("no Host");
  const std::string_view host = head.fields.get(FieldId::host);
  const auto parts = parse_authority(host);
  if (!parts) return bad("bad Host");
  if (head.authority.empty()) head.authority = host, head.host = *parts;
  return kFine;
}

/// What the fields say about the message as a whole.
Fault check_fields(RequestHead& head) noexcept {
  if (const Fault fault = check_host(head); fault.detail != nullptr) return fault;
  if (head.fields.count(FieldId::authorization) > 1) return bad("repeated Authorization");
  const ConnectionOptions options = take_connection_options(head.fields);
  if (options.malformed) return bad("bad Connection field");
  if (options.names_end_to_end) return bad("Connection names a field that is not its own");
  const auto framing = request_framing(head.version, head.fields);
  if (!framing) return framing.error();
  head.framing = *framing;
  head.keep_alive = persists(head.version, options);
  const auto expects = expects_continue(head.version, head.framing, head.fields);
  if (!expects) return expects.error();
  head.expect_continue = *expects;
  head.upgrade_websocket = asks_for_websocket(head, options);
  return kFine;
}

/// "HTTP/1.x SP 3DIGIT [SP reason]" (RFC 9112 4). The space before an empty reason is missing in the wild.
bool parse_status_line(std::string_view line, ResponseHead& head) noexcept {
  if (line.size() < 12 || line[8] != ' ') return false;
  if (parse_version(line.substr(0, 8), head.version).detail != nullptr) return false;
  const auto status = base::parse_digits<uint16_t>(line.substr(9, 3));
  if (!status || *status < 100 || *status > 599) return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  head.status = *status;
  head.reason = line.size() > 12 ? line.substr(13) : std::string_view{};
  return true;
}

const char* check_fields(ResponseHead& head, Method request_method) noexcept {
  const auto framing = response_framing(head.version, head.status, request_method, head.fields);
  if (!framing) return framing.error().detail;
  head.framing = *framing;
  const ConnectionOptions options = take_connection_options(head.fields);
  if (options.malformed) return "bad Connection field";
  head.keep_alive = persists(head.version, options) && head.framing.kind != BodyKind::until_close && head.status != 101;
  return nullptr;
}

}  // namespace

/// A head that came alone and whole is read in one go. False: it did not, or something is wrong with it, and the scan
/// finds out what.
bool RequestParser::read_at_once(std::string_view bytes, base::Arena& arena, RequestHead& head) noexcept {
  const size_t fields_at = scan_.line_end + 2;
  if (scan_.scanned != fields_at || !bytes.ends_with("\r\n\r\n") || bytes.size() > limits_.head) return false;
  // Room for lines of usual length: who sends shorter ones is scanned and counted first.
  head.fields.init(arena, std::min<size_t>(limits_.fields, bytes.size() / 16 + 4));
  if (parse_fields(bytes.substr(fields_at, bytes.size() - 2 - fields_at), kFieldName, head.fields) != nullptr ||
      head.fields.all().size() > limits_.fields)
    return false;
  scan_.scanned = static_cast<uint32_t>(bytes.size());
  return true;
}

ParseResult RequestParser::feed(std::string_view bytes, base::Arena& arena, RequestHead& head) noexcept {
  size_t start = 0;
  if (!bytes.empty() && bytes[0] == '\r') {  // one empty line before a request is forgiven (RFC 9112 2.2)
    if (bytes.size() == 1) return more();
    if (bytes[1] != '\n') return scan_failed(ScanStatus::bad_byte);
    start = 2;
  }
  if (start == bytes.size()) return more();
  const auto line = [&] { return bytes.substr(start, scan_.line_end - start); };
  const bool line_known = scan_.line_end != 0;
  if (!line_known) {
    if (!is(kToken, bytes[start])) return failed(FaultKind::bad_request, "not an HTTP request");
    const ScanStatus status = scan_first_line(bytes, start, limits_.request_line, kLine, scan_);
    if (status == ScanStatus::need_more) return more();
    if (status != ScanStatus::done) return scan_failed(status);
    if (const Fault fault = parse_request_line(line(), head); fault.detail != nullptr) return failed(fault);
  }
  if (line_known || !read_at_once(bytes, arena, head)) {
    const size_t fields_at = scan_.line_end + 2;
    const ScanStatus status = scan_fields(bytes, start, limits_, scan_);
    if (status == ScanStatus::need_more) return more();
    if (status != ScanStatus::done) return scan_failed(status);
    // Bytes may have moved since the line was judged: its views are made again.
    if (line_known) static_cast<void>(parse_request_line(line(), head));
    head.fields.init(arena, scan_.fields);
    const std::string_view lines = bytes.substr(fields_at, scan_.scanned - 2 - fields_at);
    if (const char* wrong = parse_fields(lines, kFieldName, head.fields)) return failed(bad(wrong));
  }
  if (const Fault fault = check_fields(head); fault.detail != nullptr) return failed(fault);
  return {ParseStatus::done, scan_.scanned, {}};
}

ParseResult ResponseParser::feed(std::string_view bytes, Method request_method, base::Arena& arena,
                                 ResponseHead& head) noexcept {
  constexpr std::string_view kStart = "HTTP/1.";
  const auto malformed = [](const char* why) { return failed(FaultKind::upstream_malformed, why); };
  const bool line_known = scan_.line_end != 0;
  if (!line_known) {
    if (kStart.substr(0, bytes.size()) != bytes.substr(0, kStart.size())) return malformed("not an HTTP/1 response");
    const ScanStatus status = scan_first_line(bytes, 0, limits_.request_line, kFieldValue, scan_);
    if (status == ScanStatus::need_more) return more();
    if (status != ScanStatus::done) return malformed(scan_failed(status).fault.detail);
    if (!parse_status_line(bytes.substr(0, scan_.line_end), head)) return malformed("bad status line");
  }
  const size_t fields_at = scan_.line_end + 2;
  const ScanStatus status = scan_fields(bytes, 0, limits_, scan_);
  if (status == ScanStatus::need_more) return more();
  if (status != ScanStatus::done) return malformed(scan_failed(status).fault.detail);
  if (line_known) static_cast<void>(parse_status_line(bytes.substr(0, scan_.line_end), head));
  head.fields.init(arena, scan_.fields);
  const std::string_view lines = bytes.substr(fields_at, scan_.scanned - 2 - fields_at);
  // Underscores are the upstream's own affair: nobody behind the client turns them into something else.
  if (const char* wrong = parse_fields(lines, kToken, head.fields)) return malformed(wrong);
  if (const char* wrong = check_fields(head, request_method)) return malformed(wrong);
  return {ParseStatus::done, scan_.scanned, {}};
}

}  // namespace rhumb::http
