// SPDX-License-Identifier: Apache-2.0
// The rule of routes as one would say it, for tests of the one that is quick: each condition of each route is looked
// for in the request anew, in the order of the file.
#pragma once
#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "decision/route_table.h"

namespace rhumb::decision::naive {

inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

inline std::vector<std::string_view> fields(const http::RequestHead& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const http::Field& field : head.fields.all())
    if (field.id != http::FieldId::removed && base::iequals(field.name, name)) values.push_back(field.value);
  return values;
}

inline std::optional<std::string_view> parameter(const http::RequestHead& head, std::string_view name) {
  for (const std::string_view pair : split(head.query, '&')) {
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name) return equals == std::string_view::npos ? "" : pair.substr(equals + 1);
  }
  return std::nullopt;
}

inline std::optional<std::string_view> cookie(const http::RequestHead& head, std::string_view name) {
  for (const std::string_view field : fields(head, "cookie")) {
    for (const std::string_view pair : split(field, ';')) {
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || base::trim(pair.substr(0, equals)) != name) continue;
      std::string_view value = base::trim(pair.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      return value;
    }
  }
  return std::nullopt;
}

inline bool host_fits(const std::vector<std::string>& hosts, std::string_view host) {
  return hosts.empty() || std::any_of(hosts.begin(), hosts.end(), [host](std::string_view wanted) {
           if (!wanted.starts_with("*.")) return wanted == host;
           return host.size() > wanted.size() - 1 && host.ends_with(wanted.substr(1)) && host.front() != '.';
         });
}

inline bool path_fits(const config::MatchSpec& match, std::string_view path) {
  if (!match.path.empty()) return path == match.path;
  const std::string& prefix = match.path_prefix;
  if (!prefix.empty())
    return path.starts_with(prefix) &&
           (path.size() == prefix.size() || prefix.back() == '/' || path[prefix.size()] == '/');
  return match.path_pattern.empty() ||
         re2::RE2::FullMatch(re2::StringPiece(path.data(), path.size()), match.path_pattern);
}

inline bool split_takes(const config::RouteSpec& route, const RouteQuery& query) {
  if (route.split >= 1) return true;
  const std::string_view key = route.split_key;
  const std::string_view name = key.substr(key.find(':') + 1);
  std::string value;
  if (key == "client_ip") {
    if (!query.client.is_unspecified()) value.assign(query.client.bytes().begin(), query.client.bytes().end());
  } else if (key == "request_id") {
    value = query.request_id;
  } else if (key.starts_with("cookie:")) {
    value = cookie(query.request, name).value_or("");
  } else if (const auto found = fields(query.request, name); !found.empty()) {
    value = found[0];
  }
  if (value.empty()) return false;
  if (value.size() > 256) {
    const uint64_t digest = base::hash64(value, 0);
    value.assign(reinterpret_cast<const char*>(&digest), sizeof digest);
  }
  return base::unit_interval(base::hash64(value, base::hash64(route.name, 0))) < route.split;
}

inline bool takes(const config::RouteSpec& route, const RouteQuery& query) {
  const config::MatchSpec& match = route.match;
  const auto is = [](const std::string& wanted, std::string_view value) { return wanted == "*" || wanted == value; };
  if (!host_fits(match.hosts, query.host) || !path_fits(match, query.path)) return false;
  if (!match.methods.empty() &&
      std::find(match.methods.begin(), match.methods.end(), query.request.method_text) == match.methods.end())
    return false;
  for (const auto& [name, wanted] : match.headers) {
    const auto values = fields(query.request, name);
    if (std::none_of(values.begin(), values.end(), [&, w = &wanted](auto value) { return is(*w, value); }))
      return false;
  }
  for (const auto& [name, wanted] : match.query)
    if (const auto value = parameter(query.request, name); !value || !is(wanted, *value)) return false;
  for (const auto& [name, wanted] : match.cookies)
    if (const auto value = cookie(query.request, name); !value || !is(wanted, *value)) return false;
  return split_takes(route, query);
}

inline uint32_t match(const std::vector<config::RouteSpec>& routes, const RouteQuery& query) {
  for (size_t i = 0; i < routes.size(); ++i)
    if (takes(routes[i], query)) return static_cast<uint32_t>(i);
  return RouteTable::kNone;
}

}  // namespace rhumb::decision::naive
