// SPDX-License-Identifier: Apache-2.0
// Request and response heads as the gateway sees them, whatever the wire version. All views point into the bytes the
// head was parsed from, or into the exchange's arena; they die with them. One thread.
#pragma once
#include <cstdint>
#include <string_view>

#include "http/headers.h"
#include "http/uri.h"

namespace rhumb::http {

enum class Version : uint8_t { http10, http11 };
enum class Method : uint8_t { get, head, post, put, delete_, options, patch, trace, connect, other };
enum class TargetForm : uint8_t { origin, absolute, authority, asterisk };  // RFC 9112 3.2

Method method_of(std::string_view text) noexcept;  // case-sensitive (RFC 9110 9.1)
/// Safe methods (RFC 9110 9.2.1): may be repeated without a second effect. other: false.
constexpr bool is_safe(Method m) noexcept {
  return m == Method::get || m == Method::head || m == Method::options || m == Method::trace;
}
constexpr bool is_idempotent(Method m) noexcept { return is_safe(m) || m == Method::put || m == Method::delete_; }

/// How the end of a body is found (RFC 9112 6.3).
enum class BodyKind : uint8_t { none, length, chunked, until_close };
struct Framing {
  BodyKind kind = BodyKind::none;
  uint64_t length = 0;  // only for BodyKind::length
};

struct RequestHead {
  Method method = Method::get;
  std::string_view method_text;
  std::string_view target;               // as received
  TargetForm form = TargetForm::origin;  // asterisk: also OPTIONS of an absolute target without path
  std::string_view authority;  // host[:port] as received: of the absolute-form target, else of Host (RFC 9112 3.2.2)
  Authority host;              // its parts; empty without
  std::string_view path;       // as received, of origin- and absolute-form ("/" when absent); "*" for asterisk-form
  std::string_view query;      // without '?'
  bool has_query = false;
  Version version = Version::http11;
  Headers fields;
  Framing framing;                 // never until_close
  bool keep_alive = true;          // what the client asks for (RFC 9112 9.3)
  bool expect_continue = false;    // asked for, and there is a body to wait with
  bool upgrade_websocket = false;  // Connection: upgrade and Upgrade: websocket, GET, HTTP/1.1, no body
};

struct ResponseHead {
  Version version = Version::http11;
  uint16_t status = 0;
  std::string_view reason;
  Headers fields;
  Framing framing;         // already decided with the request's method and the status
  bool keep_alive = true;  // may the upstream connection be used again, as far as the head tells
};

}  // namespace rhumb::http
