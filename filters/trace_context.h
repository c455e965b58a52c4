// SPDX-License-Identifier: Apache-2.0
// W3C Trace Context (https://www.w3.org/TR/trace-context/): reading traceparent, checking tracestate. Views; pure; any
// thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"

namespace rhumb::filters {

/// 16 random lower-case hex digits, never all zero: the id of a span.
void write_fresh_id(char* to) noexcept;
/// 32 of them: a trace id, and a name for a request. In the arena.
std::string_view fresh_id(base::Arena& arena);

inline constexpr size_t kTraceparentSize = 55;

struct TraceParent {
  std::string_view trace_id;  // 32 lower-case hex digits, not all zero
  uint8_t flags = 0;
};

/// Version 00 exactly; of later versions the part that 00 has (3.2.4). Nothing for anything else.
std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept;

/// One tracestate field: at most 32 members, 512 characters (3.3.1).
bool valid_tracestate(std::string_view text) noexcept;

}  // namespace rhumb::filters
