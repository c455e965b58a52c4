// SPDX-License-Identifier: Apache-2.0
#include "http/framing.h"

#include <optional>

#include "http/h1_writer.h"

namespace rhumb::http {
namespace {

using base::Fault;
using base::FaultKind;

struct Declared {
  std::optional<uint64_t> length;
  bool chunked = false;
  const char* wrong = nullptr;
};

Declared declared(Version version, const Headers& fields) noexcept {
  Declared out;
  const size_t lengths = fields.count(FieldId::content_length), codings = fields.count(FieldId::transfer_encoding);
  if (codings > 0 && version == Version::http10)
    out.wrong = "Transfer-Encoding in HTTP/1.0";
  else if (codings > 0 && lengths > 0)
    out.wrong = "Content-Length beside Transfer-Encoding";
  else if (codings > 1)
    out.wrong = "repeated Transfer-Encoding";
  else if (lengths > 1)
    out.wrong = "repeated Content-Length";
  if (out.wrong != nullptr) return out;
  if (codings == 1) {
    out.chunked = base::iequals(fields.get(FieldId::transfer_encoding), "chunked");
    if (!out.chunked) out.wrong = "Transfer-Encoding is not exactly chunked";
  }
  if (lengths == 1) {
    const auto value = base::parse_digits<uint64_t>(fields.get(FieldId::content_length));
    if (!value || *value > static_cast<uint64_t>(INT64_MAX))
      out.wrong = "Content-Length is not a plain number";
    else
      out.length = *value;
  }
  return out;
}

Framing framing_of(const Declared& declared, BodyKind otherwise) noexcept {
  if (declared.chunked) return {BodyKind::chunked, 0};
  if (declared.length) return {BodyKind::length, *declared.length};
  return {otherwise, 0};
}

/// What a Connection field must not take away: framing, routing, and what gateways on the way have added.
constexpr uint64_t kEndToEnd =
    bit(FieldId::host) | bit(FieldId::content_length) | bit(FieldId::transfer_encoding) | bit(FieldId::via) |
    bit(FieldId::max_forwards) | bit(FieldId::forwarded) | bit(FieldId::x_forwarded_for) |
    bit(FieldId::x_forwarded_proto) | bit(FieldId::x_forwarded_host) | bit(FieldId::x_real_ip) |
    bit(FieldId::x_request_id) | bit(FieldId::traceparent) | bit(FieldId::tracestate) | bit(FieldId::x_region) |
    bit(FieldId::x_geo_country) | bit(FieldId::x_geo_region) | bit(FieldId::authorization) | bit(FieldId::cookie) |
    bit(FieldId::set_cookie) | bit(FieldId::expect) | bit(FieldId::cache_control);

/// Real senders name one to four; without a bound a head full of them would cost a search of all fields each.
constexpr int kMaxOptions = 32;

void take_option(std::string_view option, Headers& fields, ConnectionOptions& out) noexcept {
  if (base::iequals(option, "close"))
    out.close = true;
  else if (base::iequals(option, "keep-alive"))
    out.keep_alive = true;
  else if (base::iequals(option, "upgrade"))
    out.upgrade = true;
  else if (!valid_name(option))
    out.malformed = true;
  else if ((kEndToEnd & bit(field_id(option))) != 0)
    out.names_end_to_end = true;
  else if ((kHopByHop & bit(field_id(option))) == 0)
    fields.remove(option);
}

std::string_view spelled(const ConnectionOptions& options) noexcept {
  if (options.close) return options.upgrade ? "close, upgrade" : "close";
  if (options.upgrade) return options.keep_alive ? "keep-alive, upgrade" : "upgrade";
  return options.keep_alive ? "keep-alive" : "";
}

}  // namespace

base::Result<Framing, Fault> request_framing(Version version, const Headers& fields) noexcept {
  const Declared d = declared(version, fields);
  if (d.wrong != nullptr) return base::Unexpected(Fault{FaultKind::ambiguous_framing, d.wrong});
  return framing_of(d, BodyKind::none);
}

base::Result<Framing, Fault> response_framing(Version version, uint16_t status, Method request,
                                              const Headers& fields) noexcept {
  const Declared d = declared(version, fields);
  if (d.wrong != nullptr) return base::Unexpected(Fault{FaultKind::upstream_malformed, d.wrong});
  if (request == Method::head || status < 200 || status == 204 || status == 304) return Framing{};
  return framing_of(d, BodyKind::until_close);
}

ConnectionOptions take_connection_options(Headers& fields) noexcept {
  ConnectionOptions out;
  if (!fields.has(FieldId::connection)) return out;
  int seen = 0;
  const size_t none = fields.all().size();
  size_t first = none;
  for (size_t i = 0; i < none; ++i) {
    const Field& field = fields.all()[i];
    if (field.id != FieldId::connection) continue;
    std::string_view rest = field.value;
    while (!rest.empty() && ++seen <= kMaxOptions) {
      const std::string_view option = base::trim(base::take_until(rest, ','));
      if (!option.empty()) take_option(option, fields, out);
    }
    if (first == none)
      first = i;
    else
      fields.remove_at(i);
  }
  out.malformed |= seen > kMaxOptions;
  // What was nominated is gone, so the nomination goes too: else it would take a field of that name that is added
  // later.
  const std::string_view left = spelled(out);
  if (left.empty()) {
    fields.remove(FieldId::connection);
  } else if (first != none) {
    fields.replace_at(first, FieldId::connection, fields.all()[first].name, left);
  }
  return out;
}

bool persists(Version version, const ConnectionOptions& options) noexcept {
  return !options.close && (version == Version::http11 || options.keep_alive);
}

base::Result<bool, Fault> expects_continue(Version version, const Framing& framing, Headers& fields) noexcept {
  const size_t count = fields.count(FieldId::expect);
  if (count == 0) return false;
  const bool known = count == 1 && base::iequals(fields.get(FieldId::expect), "100-continue");
  if (version == Version::http11 && !known)
    return base::Unexpected(Fault{FaultKind::expectation_failed, "unknown expectation"});
  const bool body = framing.kind == BodyKind::chunked || framing.length != 0;
  if (version == Version::http10 || !body) {
    fields.remove(FieldId::expect);
    return false;
  }
  return true;
}

bool asks_for_websocket(const RequestHead& head, const ConnectionOptions& options) noexcept {
  return head.version == Version::http11 && head.method == Method::get && head.framing.kind == BodyKind::none &&
         options.upgrade && head.fields.count(FieldId::upgrade) == 1 &&
         base::iequals(head.fields.get(FieldId::upgrade), "websocket");
}

}  // namespace rhumb::http
