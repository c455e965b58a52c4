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

/// Names of parameters whose values are secrets. Compared case-blind and percent-decoded, since that is what
/// applications do. One look-up, however many there are. Immutable.
class SecretParameters {
 public:
  SecretParameters() = default;
  /// Lower-case names.
  explicit SecretParameters(const std::vector<std::string>& names);
  /// `name` as it stands in a query.
  bool contains(std::string_view name) const noexcept;

 private:
  struct Entry {
    uint64_t hash;
    std::string name;
  };
  std::vector<Entry> entries_;  // by hash
};

/// The query, with REDACTED for the value of every secret parameter; "&" and ";" divide parameters. Written into `room`
/// and cut off there: what is beyond is not looked at.
std::string_view redact_query(std::string_view query, const SecretParameters& secrets, std::span<char> room) noexcept;

}  // namespace rhumb::proxy
