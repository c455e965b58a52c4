// SPDX-License-Identifier: Apache-2.0
// What of a request may stand in the access log. Pure functions of their inputs; no allocation on the way of a request.
// Any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/headers.h"

namespace rhumb::proxy {

inline constexpr std::string_view kRedacted = "REDACTED";

/// Headers that carry a secret by definition: their values are never logged.
bool secret_header(http::FieldId id) noexcept;

/// The query, with REDACTED for the value of every parameter named in `names` (lower-case). Names are compared
/// case-blind and percent-decoded, since that is what applications do; "&" and ";" divide parameters. Written into
/// `room` and cut off there.
std::string_view redact_query(std::string_view query, const std::vector<std::string>& names,
                              std::span<char> room) noexcept;

}  // namespace rhumb::proxy
