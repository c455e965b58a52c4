// SPDX-License-Identifier: Apache-2.0
// The WebSocket opening handshake (RFC 6455 4), as far as a gateway must judge it. No state; any thread; may allocate.
#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

namespace rhumb::http {

/// A Sec-WebSocket-Key: 16 bytes in base64.
bool valid_websocket_key(std::string_view key) noexcept;
/// The Sec-WebSocket-Accept that answers a key.
std::string websocket_accept(std::string_view key);
/// Is this the answer to exactly that handshake: 101, Connection: upgrade, Upgrade: websocket, the right accept value?
bool websocket_accepted(const RequestHead& request, const ResponseHead& response);

}  // namespace rhumb::http
