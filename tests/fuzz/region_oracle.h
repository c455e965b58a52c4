// SPDX-License-Identifier: Apache-2.0
// For fuzz targets that play regions: what must hold of the bytes that a region was sent.
#pragma once
#include <string_view>

#include "http/h1_parser.h"

namespace rhumb::fuzz {

inline void require(bool condition) {
  if (!condition) __builtin_trap();
}

/// All that came on one connection: requests, the last of which may be cut or have become a tunnel.
inline void require_requests(std::string_view bytes) {
  base::BlockPool blocks(4);
  base::Arena arena(blocks);
  while (!bytes.empty()) {
    http::RequestHead head;
    const auto parsed = http::RequestParser().feed(bytes, arena, head);
    require(parsed.status != http::ParseStatus::failed);
    if (parsed.status == http::ParseStatus::need_more || head.upgrade_websocket) return;
    require(head.fields.has(http::FieldId::via) && head.fields.has(http::FieldId::x_region));
    bytes.remove_prefix(parsed.consumed);
    http::BodyDecoder body;
    body.start(head.framing, base::FaultKind::bad_request);
    while (!bytes.empty() && !body.done()) {
      const auto step = body.next(bytes);
      require(!step.failed);
      bytes.remove_prefix(step.consumed);
    }
  }
}

}  // namespace rhumb::fuzz
