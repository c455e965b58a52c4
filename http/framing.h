// SPDX-License-Identifier: Apache-2.0
// How the end of a body is found (RFC 9112 6.3), what is refused because two readers could find it in two places, and
// what the Connection field says. Pure; any thread.
#pragma once
#include "base/fault.h"
#include "base/result.h"
#include "http/message.h"

namespace rhumb::http {

/// Never until_close. Refused: Content-Length beside Transfer-Encoding, more than one Content-Length (equal or not),
/// one that is not plain digits up to 2^63-1, any Transfer-Encoding but one field that is exactly "chunked", any in
/// HTTP/1.0.
base::Result<Framing, base::Fault> request_framing(Version version, const Headers& fields) noexcept;
/// The same rules, faults are upstream_malformed; HEAD, 1xx, 204 and 304 have no body whatever the fields say.
base::Result<Framing, base::Fault> response_framing(Version version, uint16_t status, Method request,
                                                    const Headers& fields) noexcept;

struct ConnectionOptions {
  bool close = false, keep_alive = false, upgrade = false;
  bool malformed = false;         // something in the list is no token, or it has more than 32 elements
  bool names_end_to_end = false;  // it names a field for the other end (Host, Content-Length, what gateways add)
};
/// Reads all Connection fields and removes the fields they name (RFC 9110 7.6.1) before anybody adds one of that name.
/// What stays is one Connection field with nothing but close, keep-alive and upgrade, or none.
ConnectionOptions take_connection_options(Headers& fields) noexcept;
/// RFC 9112 9.3.
bool persists(Version version, const ConnectionOptions& options) noexcept;
/// True for "100-continue" and a body to wait with (then it is kept, for the next hop); other expectations are refused
/// (417). Without a body, and from HTTP/1.0, it means nothing and is removed.
base::Result<bool, base::Fault> expects_continue(Version version, const Framing& framing, Headers& fields) noexcept;
/// A GET that may become a WebSocket tunnel: asked for in both fields, HTTP/1.1, no body.
bool asks_for_websocket(const RequestHead& head, const ConnectionOptions& options) noexcept;

}  // namespace rhumb::http
