// SPDX-License-Identifier: Apache-2.0
// Host, path, method, header, query and cookie -> route. The first matching route of the file wins. Hosts are indexed,
// so a table of 100,000 hosts costs what one of ten does. Immutable; any thread (RE2 is).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
};

class RouteTable {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;
  /// Errors (a pattern RE2 refuses) as place and message.
  struct Error {
    size_t route;
    std::string message;
  };
  static base::Result<std::shared_ptr<const RouteTable>, Error> build(const std::vector<config::RouteSpec>& routes);
  ~RouteTable();

  /// Index of the route in the file, or kNone. No allocation.
  uint32_t match(const RouteQuery& query) const noexcept;
  /// Does any route serve this host? When not, the request is misdirected (421) rather than unrouted (404).
  bool knows_host(std::string_view host) const noexcept;

 private:
  struct Impl;
  explicit RouteTable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhumb::decision
