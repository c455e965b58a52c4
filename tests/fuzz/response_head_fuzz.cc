// SPDX-License-Identifier: Apache-2.0
// Any bytes as a response head, to GET and to HEAD: the same answer however they are cut, and a head that is let
// through means the same when it is written and read again.
#include "http_fuzzing.h"

namespace {

using namespace rhumb::http;
using namespace rhumb::http::fuzzing;

void parse_in_steps(std::string_view bytes, size_t step, Method method, Parsed<ResponseHead>& to) {
  ResponseParser parser;
  parse(
      bytes, step, [&](auto view, auto& arena, auto& head) { return parser.feed(view, method, arena, head); }, to);
}

void require_same(const ResponseHead& a, const ResponseHead& b) {
  require(a.version == b.version && a.status == b.status && a.reason == b.reason && a.keep_alive == b.keep_alive);
  require_same_framing(a.framing, b.framing);
  require_same_fields(a.fields, b.fields);
}

void run(std::string_view bytes, Method method) {
  Parsed<ResponseHead> whole, dripped;
  parse_in_steps(bytes, std::max<size_t>(bytes.size(), 1), method, whole);
  parse_in_steps(bytes, bytes.size() <= 2048 ? 1 : bytes.size() / 64, method, dripped);
  require(whole.result.status == dripped.result.status && whole.result.consumed == dripped.result.consumed);
  if (whole.result.status == ParseStatus::failed)
    require(whole.result.fault.kind == rhumb::base::FaultKind::upstream_malformed);
  if (whole.result.status != ParseStatus::done) return;
  const ResponseHead& head = whole.head;
  require_same(head, dripped.head);
  require_sound_fields(head.fields);
  require(head.status >= 100 && head.status <= 599 && valid_value(head.reason));
  require(method != Method::head || head.framing.kind == BodyKind::none);
  require(!head.keep_alive || head.framing.kind != BodyKind::until_close);

  std::string room(2 * bytes.size() + 256, '\0');
  Writer out(room.data(), room.size());
  out.raw(head.version == Version::http11 ? "HTTP/1.1 " : "HTTP/1.0 ");
  out.number(head.status), out.raw(" "), out.raw(head.reason), out.raw("\r\n");
  write_fields(head.fields, out);
  require(!out.overflow());
  if (out.size() > HeadLimits{}.head) return;
  Parsed<ResponseHead> again;
  parse_in_steps(out.view(), out.size(), method, again);
  require(again.result.status == ParseStatus::done && again.result.consumed == out.size());
  require_same(head, again.head);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  run(bytes, Method::get);
  run(bytes, Method::head);
  return 0;
}
