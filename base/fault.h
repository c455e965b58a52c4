// SPDX-License-Identifier: Apache-2.0
// The closed list of what can go wrong with a request. A kind cannot be added without its row (status, log flag,
// metric label, retry rule): the table in fault.cc has one entry a kind and a static_assert on the count.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace rhumb::base {

enum class FaultKind : uint8_t {
  // the client's message
  bad_request,             // 400 syntax
  ambiguous_framing,       // 400 two readings of one message
  uri_too_long,            // 414
  head_too_large,          // 431 bytes
  too_many_fields,         // 431 fields
  body_too_large,          // 413
  method_not_allowed,      // 405
  method_not_implemented,  // 501 TRACE, CONNECT
  version_not_supported,   // 505
  expectation_failed,      // 417
  misdirected,             // 421 host we do not serve
  // the client's behaviour
  client_gone,           // 499, never sent
  client_head_timeout,   // 408
  client_body_timeout,   // 408
  client_write_timeout,  // closed
  connection_costly,     // closed
  // decision
  no_route,   // 404
  no_region,  // 503 no healthy candidate
  fenced,     // 451 no candidate the fence allows
  denied,     // 403 a guard filter said no
  // upstream
  connect_refused,        // 502
  connect_timeout,        // 504
  connect_failed,         // 502 other
  upstream_reset,         // 502 reset or closed before a complete head
  upstream_malformed,     // 502
  upstream_head_timeout,  // 504
  upstream_idle_timeout,  // 504 before the head, truncation after
  upstream_truncated,     // body shorter than announced
  unasked_upgrade,        // 502 101 nobody asked for
  // ourselves
  filter_timeout,  // 503
  overloaded,      // 503
  shutting_down,   // 503
  internal,        // 500
  kCount
};

enum class Side : uint8_t { client, upstream, self };

/// When the same request may be tried again. `only_if_reused`: only when the fault hit a connection that had served
/// before (stale keep-alive) and the request is safe to repeat. `other_endpoint`: nothing was processed.
enum class Retry : uint8_t { never, other_endpoint, only_if_reused };

/// One row of the fault table.
struct FaultInfo {
  FaultKind kind;
  std::string_view name;  // metric label and access-log flag, snake_case
  Side side;
  uint16_t status;  // what the client is told when nothing has been sent yet; 0: close without an answer
  Retry retry;
  std::string_view text;  // one sentence for the error body and the log
};

const FaultInfo& info(FaultKind kind) noexcept;

/// How a request ended; each ends in exactly one way. `answered`: the whole response, of a region or our own, is with
/// the kernel. `client_gone`: the client left, or stopped taking part. `aborted`: cut for a reason of ours or a
/// region's.
enum class Outcome : uint8_t { answered, client_gone, aborted };

std::string_view name(Outcome outcome) noexcept;
/// `cut`: what ended the request before its response was out; nothing: it was answered.
Outcome outcome_of(std::optional<FaultKind> cut) noexcept;

/// A fault as it travels: born with its retry rule, plus a detail that lives for ever (a literal).
struct Fault {
  FaultKind kind = FaultKind::internal;
  const char* detail = "";

  Side side() const noexcept { return info(kind).side; }
  Retry retry() const noexcept { return info(kind).retry; }
  uint16_t status() const noexcept { return info(kind).status; }
};

}  // namespace rhumb::base
