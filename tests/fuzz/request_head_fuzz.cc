// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request head: the same answer however they are cut, and a head that is let through means the same when
// it is written and read again.
#include "http/uri.h"
#include "http_fuzzing.h"

namespace {

using namespace rhumb::http;
using namespace rhumb::http::fuzzing;

void parse_in_steps(std::string_view bytes, size_t step, Parsed<RequestHead>& to) {
  RequestParser parser;
  parse(
      bytes, step, [&](auto view, auto& arena, auto& head) { return parser.feed(view, arena, head); }, to);
}

void require_same(const RequestHead& a, const RequestHead& b) {
  require(a.method == b.method && a.method_text == b.method_text && a.target == b.target && a.form == b.form);
  require(a.authority == b.authority && a.path == b.path && a.query == b.query && a.has_query == b.has_query);
  require(a.version == b.version && a.keep_alive == b.keep_alive && a.expect_continue == b.expect_continue);
  require(a.upgrade_websocket == b.upgrade_websocket);
  require_same_framing(a.framing, b.framing);
  require_same_fields(a.fields, b.fields);
}

void require_sound(const RequestHead& head) {
  require_sound_fields(head.fields);
  require(valid_name(head.method_text) && head.method != Method::trace && head.method != Method::connect);
  require(head.framing.kind != BodyKind::until_close);
  require(head.version == Version::http10 || head.fields.count(FieldId::host) == 1);
  require(head.path == "*" || head.path.front() == '/');
  require(head.authority.empty() ? head.version == Version::http10 : parse_authority(head.authority).has_value());
  require(!head.upgrade_websocket || head.framing.kind == BodyKind::none);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Parsed<RequestHead> whole, dripped;
  parse_in_steps(bytes, std::max<size_t>(size, 1), whole);
  parse_in_steps(bytes, size <= 2048 ? 1 : size / 64, dripped);
  require(whole.result.status == dripped.result.status && whole.result.consumed == dripped.result.consumed);
  if (whole.result.status == ParseStatus::failed) require(whole.result.fault.kind == dripped.result.fault.kind);
  if (whole.result.status != ParseStatus::done) return 0;
  require(whole.result.consumed <= size);
  require_same(whole.head, dripped.head);
  require_sound(whole.head);

  std::string room(2 * size + 256, '\0');
  Writer out(room.data(), room.size());
  const RequestHead& head = whole.head;
  out.raw(head.method_text), out.raw(" "), out.raw(head.target);
  out.raw(head.version == Version::http11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  write_fields(head.fields, out);
  require(!out.overflow());
  Parsed<RequestHead> again;
  parse_in_steps(out.view(), out.size(), again);
  if (out.size() > HeadLimits{}.head) return 0;  // spaces that were not there before
  require(again.result.status == ParseStatus::done && again.result.consumed == out.size());
  require_same(head, again.head);
  return 0;
}
