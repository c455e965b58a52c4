// SPDX-License-Identifier: Apache-2.0
// One route's conditions, compiled: everything of `match` but the host, and the split. Immutable; any thread.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/spec.h"
#include "decision/route_table.h"
#include "http/headers.h"

namespace re2 {
class RE2;
}

namespace rhumb::decision {

class RouteRule {
 public:
  /// The error names the pattern and what RE2 has against it.
  static base::Result<RouteRule, std::string> compile(const config::RouteSpec& route);
  RouteRule(RouteRule&&) noexcept;
  RouteRule& operator=(RouteRule&&) noexcept;
  ~RouteRule();

  /// Everything but the host. No allocation, except that RE2 grows its state tables while it sees new kinds of paths.
  bool matches(const RouteQuery& query) const noexcept;

 private:
  enum class PathKind : uint8_t { any, exact, prefix, pattern };
  enum class SplitKey : uint8_t { client_ip, request_id, header, cookie };
  /// A name and the value it must have.
  struct Pair {
    std::string name, value;
    http::FieldId id = http::FieldId::other;  // headers only
    bool any_value = false;
  };

  RouteRule();
  void compile_split(const config::RouteSpec& route);
  bool path_fits(std::string_view path) const noexcept;
  bool method_fits(std::string_view method) const noexcept;
  bool header_fits(const http::Headers& fields, const Pair& wanted) const noexcept;
  bool takes(const RouteQuery& query) const noexcept;
  std::string_view split_value(const RouteQuery& query) const noexcept;

  PathKind path_kind_ = PathKind::any;
  SplitKey split_key_ = SplitKey::client_ip;
  double split_ = 1;
  uint64_t split_seed_ = 0;
  http::FieldId split_id_ = http::FieldId::other;
  std::string split_name_;
  std::string path_;
  std::unique_ptr<const re2::RE2> pattern_;
  std::vector<std::string> methods_;
  std::vector<Pair> headers_, query_, cookies_;
};

}  // namespace rhumb::decision
