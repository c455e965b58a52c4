// SPDX-License-Identifier: Apache-2.0
#include "decision/route_table.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/hash.h"
#include "base/random.h"
#include "http/cookie.h"
#include "http/uri.h"

namespace rhumb::decision {
namespace {

using config::StringPairs;

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const noexcept { return base::hash64(text, 0); }
};
using Index = std::unordered_map<std::string, std::vector<uint32_t>, Hash, std::equal_to<>>;

struct Split {
  double share = 1;
  enum class Key : uint8_t { none, client_ip, header, cookie, request_id } key = Key::none;
  std::string name;
  uint64_t seed = 0;
};

struct Route {
  std::string path, prefix;
  std::unique_ptr<RE2> pattern;
  std::vector<std::string> methods;
  StringPairs headers, query, cookies;
  Split split;
};

bool fits(std::string_view wanted, std::optional<std::string_view> found) noexcept {
  return found && (wanted == "*" || wanted == *found);
}

std::optional<std::string_view> header(const http::Headers& fields, std::string_view name) noexcept {
  const http::Field* field = fields.find(name);
  if (field == nullptr) return std::nullopt;
  return field->value;
}

/// "/api" takes /api and /api/x, not /apix; "/api/" takes what is below it.
bool prefix_matches(std::string_view prefix, std::string_view path) noexcept {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

bool path_matches(const Route& route, std::string_view path) noexcept {
  if (!route.path.empty()) return path == route.path;
  if (!route.prefix.empty()) return prefix_matches(route.prefix, path);
  return route.pattern == nullptr || RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *route.pattern);
}

bool takes(const Split& split, const RouteQuery& query) noexcept {
  std::optional<std::string_view> key;
  char address[46];
  switch (split.key) {
    case Split::Key::none:
      return true;
    case Split::Key::client_ip:
      key = std::string_view(address, query.client.write(address));
      break;
    case Split::Key::request_id:
      key = query.request_id;
      break;
    case Split::Key::header:
      key = header(query.request.fields, split.name);
      break;
    case Split::Key::cookie:
      key = http::find_cookie(query.request.fields, split.name);
      break;
  }
  return key && base::unit_interval(base::hash64(*key, split.seed)) < split.share;
}

bool matches(const Route& route, const RouteQuery& query) noexcept {
  if (!path_matches(route, query.path)) return false;
  const http::Headers& fields = query.request.fields;
  if (!route.methods.empty() &&
      std::find(route.methods.begin(), route.methods.end(), query.request.method_text) == route.methods.end())
    return false;
  for (const auto& [name, value] : route.headers)
    if (!fits(value, header(fields, name))) return false;
  for (const auto& [name, value] : route.query)
    if (!fits(value, http::find_query(query.request.query, name))) return false;
  for (const auto& [name, value] : route.cookies)
    if (!fits(value, http::find_cookie(fields, name))) return false;
  return takes(route.split, query);
}

Split split_of(const config::RouteSpec& spec) {
  Split split;
  split.share = spec.split;
  split.seed = base::hash64(spec.name, 0);
  if (spec.split >= 1 || spec.split_key.empty()) return split;
  const size_t colon = spec.split_key.find(':');
  const std::string kind = spec.split_key.substr(0, colon);
  if (colon != std::string::npos) split.name = spec.split_key.substr(colon + 1);
  split.key = kind == "header"       ? Split::Key::header
              : kind == "cookie"     ? Split::Key::cookie
              : kind == "request_id" ? Split::Key::request_id
                                     : Split::Key::client_ip;
  return split;
}

base::Result<Route, std::string> route_of(const config::RouteSpec& spec) {
  Route route;
  route.path = spec.match.path;
  route.prefix = spec.match.path_prefix;
  route.methods = spec.match.methods;
  route.headers = spec.match.headers;
  route.query = spec.match.query;
  route.cookies = spec.match.cookies;
  route.split = split_of(spec);
  if (spec.match.path_pattern.empty()) return route;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  route.pattern = std::make_unique<RE2>(spec.match.path_pattern, options);
  if (!route.pattern->ok())
    return base::Unexpected("path_pattern '" + spec.match.path_pattern + "': " + route.pattern->error());
  return route;
}

}  // namespace

struct RouteTable::Impl {
  std::vector<Route> routes;
  Index exact, wildcard;      // host, and the part of "*.example.org" behind the star -> routes in the file's order
  std::vector<uint32_t> any;  // routes of every host

  void add_hosts(uint32_t index, const std::vector<std::string>& hosts) {
    if (hosts.empty()) any.push_back(index);
    for (const auto& host : hosts) (host.starts_with("*.") ? wildcard[host.substr(1)] : exact[host]).push_back(index);
  }
};

RouteTable::RouteTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RouteTable::~RouteTable() = default;

base::Result<std::shared_ptr<const RouteTable>, RouteTable::Error> RouteTable::build(
    const std::vector<config::RouteSpec>& routes) {
  auto impl = std::make_unique<Impl>();
  for (size_t i = 0; i < routes.size(); ++i) {
    auto route = route_of(routes[i]);
    if (!route) return base::Unexpected(Error{i, route.error()});
    impl->routes.push_back(std::move(*route));
    impl->add_hosts(static_cast<uint32_t>(i), routes[i].match.hosts);
  }
  return std::shared_ptr<const RouteTable>(new RouteTable(std::move(impl)));
}

namespace {

/// Calls f with the route lists a host belongs to: its own, each wildcard's above it, everybody's.
template <class F>
void lists_of(const Index& exact, const Index& wildcard, const std::vector<uint32_t>& any, std::string_view host,
              F&& f) {
  if (const auto own = exact.find(host); own != exact.end()) f(own->second);
  for (size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1))
    if (const auto above = wildcard.find(host.substr(dot)); dot > 0 && above != wildcard.end()) f(above->second);
  f(any);
}

}  // namespace

uint32_t RouteTable::match(const RouteQuery& query) const noexcept {
  uint32_t best = kNone;
  lists_of(impl_->exact, impl_->wildcard, impl_->any, query.host, [&](const std::vector<uint32_t>& list) {
    for (const uint32_t index : list) {
      if (index >= best) return;
      if (matches(impl_->routes[index], query)) best = index;
    }
  });
  return best;
}

bool RouteTable::knows_host(std::string_view host) const noexcept {
  bool known = false;
  lists_of(impl_->exact, impl_->wildcard, impl_->any, host,
           [&](const std::vector<uint32_t>& list) { known = known || !list.empty(); });
  return known;
}

}  // namespace rhumb::decision
