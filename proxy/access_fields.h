// SPDX-License-Identifier: Apache-2.0
// The fields of an access line in plain text: what `%{name}` in access_log.format stands for. Worker's thread.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/text_line.h"
#include "http/headers.h"
#include "proxy/redaction.h"

namespace rhumb::proxy {

class Exchange;

/// What may be logged, of every line alike. Immutable once compiled.
struct Discretion {
  bool query = false;
  SecretParameters redact_query;
  bool truncate_addresses = false;
};

/// A request header that is logged.
struct LoggedHeader {
  explicit LoggedHeader(std::string name);
  /// Its value in `request`, as discretion has it; may be in `room` (of TextLine::kMaxValue bytes). Empty: not there.
  std::string_view value(const http::Headers& fields, const Discretion& discretion, std::span<char> room) const;

  std::string name;  // lower-case
  http::FieldId id;
};

/// One request's line, as it is written.
struct LineContext {
  const Exchange& exchange;
  const Discretion& discretion;
  base::WallTime wall;
  base::Instant now;
};

struct AccessField {
  std::string_view name;
  void (*write)(const LineContext&, base::TextLine& to);
};

/// Null when there is none of the name.
const AccessField* find_access_field(std::string_view name);
std::vector<std::string_view> access_field_names();

/// The request was understood: what it says can be logged.
bool understood(const Exchange& exchange) noexcept;
/// The query as it may be logged, in `room` when it was changed. Empty: there is none, or it may not.
std::string_view logged_query(const LineContext& line, std::span<char> room);
/// The tenant, when the fence names it. Others decide nothing, and their names are whatever a client has sent: empty.
std::string_view logged_tenant(const Exchange& exchange) noexcept;
/// Into `room` (of 48 bytes).
std::string_view logged_address(const base::IpAddress& address, const Discretion& discretion, char* room);
/// As 2026-01-02T03:04:05.678Z.
std::string_view format_time(base::WallTime wall, std::span<char, 24> to) noexcept;

}  // namespace rhumb::proxy
