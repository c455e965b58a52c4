// SPDX-License-Identifier: Apache-2.0
// Host, path, method, header, query and cookie -> route. The first matching route of the file wins. Hosts are indexed,
// so a table of 100,000 hosts costs what one of ten does; each field, parameter and cookie of a request is looked up
// once, and each pattern asked once, however many routes have conditions on them. Immutable; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ip.h"
#include "base/result.h"
#include "config/spec.h"
#include "http/message.h"

namespace rhumb::decision {

struct RouteQuery {
  const http::RequestHead& request;
  std::string_view host;  // canonical: lower-case, no port, no trailing dot; may be empty (HTTP/1.0)
  std::string_view path;  // canonical
  base::IpAddress client;
  std::string_view request_id;
  base::Arena& arena;  // for what is found out while the routes are asked
};

class RouteTable {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;
  /// The path is too long for the patterns of its host: which route is the first is not found out.
  static constexpr uint32_t kTooLong = 0xfffffffeu;
  /// The work of all patterns for one path, in characters looked at (more of them for a pattern without a table).
  static constexpr uint64_t kPatternWork = 256 * 1024;
  /// Errors (a pattern that cannot be) as place and message.
  struct Error {
    size_t route;
    std::string message;
  };
  static base::Result<std::shared_ptr<const RouteTable>, Error> build(const std::vector<config::RouteSpec>& routes);
  ~RouteTable();

  /// Index of the route in the file, kNone or kTooLong. No allocation outside the query's arena.
  uint32_t match(const RouteQuery& query) const noexcept;
  /// Does any route serve this host? When not, the request is misdirected (421) rather than unrouted (404).
  bool knows_host(std::string_view host) const noexcept;

 private:
  struct Impl;
  explicit RouteTable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhumb::decision
