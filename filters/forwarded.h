// SPDX-License-Identifier: Apache-2.0
// Who the client is behind trusted hops: X-Forwarded-For or Forwarded (RFC 7239), read from the right, where the
// nearest hop wrote. What stands left of the first untrusted or unreadable entry may be anything and is never looked
// at. Pure; no allocation; any thread.
#pragma once
#include <optional>
#include <string_view>

#include "base/ip.h"
#include "config/spec.h"
#include "http/headers.h"

namespace rhumb::filters {

inline constexpr int kMaxHops = 16;
inline constexpr int kMaxPairs = 16;  // of one element; RFC 7239 knows four

/// One entry of X-Forwarded-For: an address, with or without port; IPv6 with a port in brackets.
std::optional<base::IpAddress> parse_hop(std::string_view text) noexcept;
/// The `for` of one element of Forwarded ("for=\"[2001:db8::1]:80\";proto=https"). Nothing for unknown, obfuscated or
/// malformed, and for more than kMaxPairs pairs.
std::optional<base::IpAddress> parse_forwarded_element(std::string_view element) noexcept;
/// Takes the last element off a comma-separated list whose quoted strings may hold commas, and trims it. Reading from
/// the right, no left part can change how the right one is read.
std::string_view take_last_element(std::string_view& list) noexcept;

/// The client of a request whose peer is one of `trusted`. The peer itself when the header says nothing usable. At most
/// kMaxHops entries are read.
base::IpAddress walk(const http::Headers& fields, config::GeoSpec::Forwarded which, const base::IpAddress& peer,
                     const base::PrefixSet& trusted) noexcept;

}  // namespace rhumb::filters
