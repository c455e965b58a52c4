// SPDX-License-Identifier: Apache-2.0
#include "base/fault.h"

#include <array>

#include "base/check.h"

namespace rhumb::base {
namespace {

constexpr size_t kCount = static_cast<size_t>(FaultKind::kCount);

constexpr std::array<FaultInfo, kCount> kTable{{
    {FaultKind::bad_request, "bad_request", Side::client, 400, Retry::never, "the request is malformed"},
    {FaultKind::ambiguous_framing, "ambiguous_framing", Side::client, 400, Retry::never,
     "the end of the request body can be read in two ways"},
    {FaultKind::uri_too_long, "uri_too_long", Side::client, 414, Retry::never, "the request target is too long"},
    {FaultKind::head_too_large, "head_too_large", Side::client, 431, Retry::never, "the request head is too large"},
    {FaultKind::too_many_fields, "too_many_fields", Side::client, 431, Retry::never,
     "the request has too many header fields"},
    {FaultKind::body_too_large, "body_too_large", Side::client, 413, Retry::never, "the request body is too large"},
    {FaultKind::method_not_allowed, "method_not_allowed", Side::client, 405, Retry::never,
     "this method is not allowed here"},
    {FaultKind::method_not_implemented, "method_not_implemented", Side::client, 501, Retry::never,
     "this method is not implemented"},
    {FaultKind::version_not_supported, "version_not_supported", Side::client, 505, Retry::never,
     "this HTTP version is not supported"},
    {FaultKind::expectation_failed, "expectation_failed", Side::client, 417, Retry::never,
     "this expectation cannot be met"},
    {FaultKind::misdirected, "misdirected", Side::client, 421, Retry::never, "this host is not served here"},
    {FaultKind::client_gone, "client_gone", Side::client, 0, Retry::never, "the client left"},
    {FaultKind::client_head_timeout, "client_head_timeout", Side::client, 408, Retry::never,
     "the request head did not arrive in time"},
    {FaultKind::client_body_timeout, "client_body_timeout", Side::client, 408, Retry::never,
     "the request body did not arrive in time"},
    {FaultKind::client_write_timeout, "client_write_timeout", Side::client, 0, Retry::never,
     "the client does not read its response"},
    {FaultKind::connection_costly, "connection_costly", Side::client, 0, Retry::never,
     "the requests of this client take too much of the gateway's time"},
    {FaultKind::no_route, "no_route", Side::client, 404, Retry::never, "no route matches this request"},
    {FaultKind::no_region, "no_region", Side::self, 503, Retry::never, "no healthy region can take this request"},
    {FaultKind::fenced, "fenced", Side::self, 451, Retry::never, "no region may serve clients from where this one is"},
    {FaultKind::denied, "denied", Side::client, 403, Retry::never, "access is denied"},
    {FaultKind::connect_refused, "connect_refused", Side::upstream, 502, Retry::other_endpoint,
     "the region refused the connection"},
    {FaultKind::connect_timeout, "connect_timeout", Side::upstream, 504, Retry::other_endpoint,
     "the region did not accept the connection in time"},
    {FaultKind::connect_failed, "connect_failed", Side::upstream, 502, Retry::other_endpoint,
     "the region could not be reached"},
    {FaultKind::upstream_reset, "upstream_reset", Side::upstream, 502, Retry::only_if_reused,
     "the region closed the connection without an answer"},
    {FaultKind::upstream_malformed, "upstream_malformed", Side::upstream, 502, Retry::never,
     "the region's answer is malformed"},
    {FaultKind::upstream_head_timeout, "upstream_head_timeout", Side::upstream, 504, Retry::never,
     "the region did not answer in time"},
    {FaultKind::upstream_idle_timeout, "upstream_idle_timeout", Side::upstream, 504, Retry::never,
     "the region stopped sending"},
    {FaultKind::upstream_truncated, "upstream_truncated", Side::upstream, 502, Retry::never,
     "the region's answer ended early"},
    {FaultKind::unasked_upgrade, "unasked_upgrade", Side::upstream, 502, Retry::never,
     "the region switched protocols unasked"},
    {FaultKind::filter_timeout, "filter_timeout", Side::self, 503, Retry::never,
     "a check of this request did not finish in time"},
    {FaultKind::overloaded, "overloaded", Side::self, 503, Retry::never, "the gateway is overloaded"},
    {FaultKind::shutting_down, "shutting_down", Side::self, 503, Retry::never, "the gateway is shutting down"},
    {FaultKind::internal, "internal", Side::self, 500, Retry::never, "internal error"},
}};

constexpr bool rows_match() {
  for (size_t i = 0; i < kCount; ++i)
    if (static_cast<size_t>(kTable[i].kind) != i || kTable[i].name.empty() || kTable[i].text.empty()) return false;
  return true;
}
static_assert(rows_match(), "every FaultKind has its row, in the order of the enum");

}  // namespace

const FaultInfo& info(FaultKind kind) noexcept {
  const auto index = static_cast<size_t>(kind);
  RHUMB_ASSERT(index < kCount);
  return kTable[index];
}

std::string_view name(Outcome outcome) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{"answered", "client_gone", "aborted"};
  return kNames[static_cast<size_t>(outcome)];
}

Outcome outcome_of(std::optional<FaultKind> cut) noexcept {
  if (!cut) return Outcome::answered;
  const bool left = *cut == FaultKind::client_gone || *cut == FaultKind::client_body_timeout ||
                    *cut == FaultKind::client_write_timeout;
  return left ? Outcome::client_gone : Outcome::aborted;
}

}  // namespace rhumb::base
