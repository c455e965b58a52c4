// SPDX-License-Identifier: Apache-2.0
#include "base/fault.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rhumb::base {
namespace {

constexpr auto kKinds = static_cast<size_t>(FaultKind::kCount);

// Names are metric labels and statuses are seen by clients: both are contracts, so the whole table is spelled out.
const FaultInfo kExpected[] = {
    {FaultKind::bad_request, "bad_request", Side::client, 400, Retry::never, ""},
    {FaultKind::ambiguous_framing, "ambiguous_framing", Side::client, 400, Retry::never, ""},
    {FaultKind::uri_too_long, "uri_too_long", Side::client, 414, Retry::never, ""},
    {FaultKind::head_too_large, "head_too_large", Side::client, 431, Retry::never, ""},
    {FaultKind::too_many_fields, "too_many_fields", Side::client, 431, Retry::never, ""},
    {FaultKind::body_too_large, "body_too_large", Side::client, 413, Retry::never, ""},
    {FaultKind::method_not_allowed, "method_not_allowed", Side::client, 405, Retry::never, ""},
    {FaultKind::method_not_implemented, "method_not_implemented", Side::client, 501, Retry::never, ""},
    {FaultKind::version_not_supported, "version_not_supported", Side::client, 505, Retry::never, ""},
    {FaultKind::expectation_failed, "expectation_failed", Side::client, 417, Retry::never, ""},
    {FaultKind::misdirected, "misdirected", Side::client, 421, Retry::never, ""},
    {FaultKind::client_gone, "client_gone", Side::client, 0, Retry::never, ""},
    {FaultKind::client_head_timeout, "client_head_timeout", Side::client, 408, Retry::never, ""},
    {FaultKind::client_body_timeout, "client_body_timeout", Side::client, 408, Retry::never, ""},
    {FaultKind::client_write_timeout, "client_write_timeout", Side::client, 0, Retry::never, ""},
    {FaultKind::connection_costly, "connection_costly", Side::client, 0, Retry::never, ""},
    {FaultKind::no_route, "no_route", Side::client, 404, Retry::never, ""},
    {FaultKind::no_region, "no_region", Side::self, 503, Retry::never, ""},
    {FaultKind::fenced, "fenced", Side::self, 451, Retry::never, ""},
    {FaultKind::denied, "denied", Side::client, 403, Retry::never, ""},
    {FaultKind::connect_refused, "connect_refused", Side::upstream, 502, Retry::other_endpoint, ""},
    {FaultKind::connect_timeout, "connect_timeout", Side::upstream, 504, Retry::other_endpoint, ""},
    {FaultKind::connect_failed, "connect_failed", Side::upstream, 502, Retry::other_endpoint, ""},
    {FaultKind::upstream_reset, "upstream_reset", Side::upstream, 502, Retry::only_if_reused, ""},
    {FaultKind::upstream_malformed, "upstream_malformed", Side::upstream, 502, Retry::never, ""},
    {FaultKind::upstream_head_timeout, "upstream_head_timeout", Side::upstream, 504, Retry::never, ""},
    {FaultKind::upstream_idle_timeout, "upstream_idle_timeout", Side::upstream, 504, Retry::never, ""},
    {FaultKind::upstream_truncated, "upstream_truncated", Side::upstream, 502, Retry::never, ""},
    {FaultKind::unasked_upgrade, "unasked_upgrade", Side::upstream, 502, Retry::never, ""},
    {FaultKind::filter_timeout, "filter_timeout", Side::self, 503, Retry::never, ""},
    {FaultKind::overloaded, "overloaded", Side::self, 503, Retry::never, ""},
    {FaultKind::shutting_down, "shutting_down", Side::self, 503, Retry::never, ""},
    {FaultKind::internal, "internal", Side::self, 500, Retry::never, ""},
};
static_assert(std::size(kExpected) == kKinds);

TEST(Fault, TableSaysWhatTheContractSays) {
  for (const FaultInfo& expected : kExpected) {
    const FaultInfo& row = info(expected.kind);
    EXPECT_EQ(row.kind, expected.kind) << expected.name;
    EXPECT_EQ(row.name, expected.name);
    EXPECT_EQ(row.side, expected.side) << expected.name;
    EXPECT_EQ(row.status, expected.status) << expected.name;
    EXPECT_EQ(row.retry, expected.retry) << expected.name;
  }
}

TEST(Fault, TextsAreDistinctAndFitBehindAColon) {
  std::set<std::string_view> texts;
  for (size_t i = 0; i < kKinds; ++i) {
    const FaultInfo& row = info(static_cast<FaultKind>(i));
    EXPECT_TRUE(texts.insert(row.text).second) << row.name;
    EXPECT_TRUE(row.text[0] >= 'a' && row.text[0] <= 'z') << row.text;
    EXPECT_NE(row.text.back(), '.') << row.text;
    EXPECT_EQ(row.text.find_first_of("<>&\"\\"), std::string_view::npos) << row.text;
  }
}

TEST(Fault, OnlyTheRegionsFaultsAreEverTriedAgain) {
  for (size_t i = 0; i < kKinds; ++i) {
    const FaultInfo& row = info(static_cast<FaultKind>(i));
    if (row.retry != Retry::never) {
      EXPECT_EQ(row.side, Side::upstream) << row.name;
    }
  }
}

TEST(Fault, TravelsWithItsRules) {
  const Fault fault{FaultKind::connect_timeout, "no SYN-ACK"};
  EXPECT_EQ(fault.side(), Side::upstream);
  EXPECT_EQ(fault.retry(), Retry::other_endpoint);
  EXPECT_EQ(fault.status(), 504);
  EXPECT_STREQ(fault.detail, "no SYN-ACK");
}

TEST(FaultDeathTest, DiesOnAKindThatIsNone) { EXPECT_DEATH(info(FaultKind::kCount), "assertion failed"); }

// The names are metric labels, and what counts as the client's doing is a contract with whoever alerts on the rest.
TEST(Fault, ARequestIsAnsweredLeftByItsClientOrAborted) {
  EXPECT_EQ(name(outcome_of(std::nullopt)), "answered");
  for (const FaultInfo& row : kExpected) {
    const bool left = row.kind == FaultKind::client_gone || row.kind == FaultKind::client_body_timeout ||
                      row.kind == FaultKind::client_write_timeout;
    EXPECT_EQ(name(outcome_of(row.kind)), left ? "client_gone" : "aborted") << row.name;
  }
}

}  // namespace
}  // namespace rhumb::base
