// SPDX-License-Identifier: Apache-2.0
#include "config/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "config/codes.h"

namespace rhumb::config {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool covers_host(const std::string& outer, const std::string& inner) {
  if (outer == inner) return true;
  return outer.starts_with("*.") && inner.size() >= outer.size() && inner.ends_with(outer.substr(1));
}

bool covers_hosts(const std::vector<std::string>& outer, const std::vector<std::string>& inner) {
  if (outer.empty()) return true;
  return !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](const std::string& host) {
    return std::any_of(outer.begin(), outer.end(), [&](const std::string& o) { return covers_host(o, host); });
  });
}

std::string or_else(std::string text, const char* other) { return text.empty() ? std::string(other) : text; }

/// A prefix ends where a segment does: /api takes /api and /api/x, not /apix.
bool covers_prefix(const std::string& outer, const std::string& inner) {
  if (!inner.starts_with(outer) || inner.empty()) return false;
  return inner.size() == outer.size() || outer.ends_with('/') || inner[outer.size()] == '/';
}

bool covers_path(const MatchSpec& outer, const MatchSpec& inner) {
  if (!outer.path.empty()) return outer.path == inner.path;
  if (!outer.path_prefix.empty())
    return covers_prefix(outer.path_prefix, inner.path) || covers_prefix(outer.path_prefix, inner.path_prefix);
  return outer.path_pattern.empty() || outer.path_pattern == inner.path_pattern;
}

bool covers_pairs(const StringPairs& outer, const StringPairs& inner) {
  return std::all_of(outer.begin(), outer.end(), [&](const auto& o) {
    return std::any_of(inner.begin(), inner.end(),
                       [&](const auto& i) { return i.first == o.first && (o.second == "*" || o.second == i.second); });
  });
}

/// At most so many comparisons of words are made for two matches.
size_t cost_of(const MatchSpec& a, const MatchSpec& b) {
  return 1 + a.hosts.size() * b.hosts.size() + a.methods.size() * b.methods.size() +
         a.headers.size() * b.headers.size() + a.query.size() * b.query.size() + a.cookies.size() * b.cookies.size();
}

void warn_of_routes(const std::vector<RouteSpec>& routes, Diagnostics& diagnostics) {
  // Every pair of routes is compared, which a file of a size that people read can afford, and no other delays a reload.
  size_t budget = 2'000'000;
  for (size_t late = 1; late < routes.size(); ++late) {
    for (size_t early = 0; early < late; ++early) {
      const size_t cost = cost_of(routes[early].match, routes[late].match);
      if (cost > budget) return;
      budget -= cost;
      if (routes[early].split < 1 || !covers(routes[early].match, routes[late].match)) continue;
      diagnostics.add({Severity::warning, code::kUnreachable, routes[late].place,
                       fmt::format("no request reaches route{}:{} takes all of them",
                                   diagnostics.named(routes[late].name, routes[late].place),
                                   or_else(diagnostics.named(routes[early].name, routes[early].place), " another")),
                       "put it first, or remove it", routes[early].place, "the route that takes them is here"});
      break;
    }
  }
}

void warn_of_regions(const Spec& spec, Diagnostics& diagnostics) {
  std::set<std::string_view> used = {spec.gateway.region};
  for (const RouteSpec& route : spec.routes) used.insert(route.regions.begin(), route.regions.end());
  for (const FenceRule& rule : spec.fence) used.insert(rule.regions.begin(), rule.regions.end());
  for (const RegionSpec& region : spec.regions) {
    if (used.contains(region.name)) continue;
    diagnostics.warning(code::kUnusedRegion, region.place,
                        fmt::format("no route may choose region{}, and no fence names it",
                                    diagnostics.named(region.name, region.place)),
                        "add it to the regions of a route, or remove it");
  }
}

void warn_of_sessions(const Spec& spec, Diagnostics& diagnostics) {
  if (!spec.sessions.keys.empty()) return;
  const auto sticky = std::find_if(spec.routes.begin(), spec.routes.end(), [](const auto& r) { return r.affinity; });
  if (sticky == spec.routes.end()) return;
  diagnostics.warning(code::kNoKeys, sticky->place,
                      fmt::format("route{} keeps clients at their region, and sessions.keys gives no key: what binds "
                                  "them ends with this process",
                                  diagnostics.named(sticky->name, sticky->place)),
                      R"(add sessions: {keys: [{id: 1, secret: "!file /path"}]})");
}

}  // namespace

bool covers(const MatchSpec& outer, const MatchSpec& inner) {
  const bool methods =
      outer.methods.empty() ||
      (!inner.methods.empty() && std::all_of(inner.methods.begin(), inner.methods.end(),
                                             [&](const auto& m) { return contains(outer.methods, m); }));
  return methods && covers_hosts(outer.hosts, inner.hosts) && covers_path(outer, inner) &&
         covers_pairs(outer.headers, inner.headers) && covers_pairs(outer.query, inner.query) &&
         covers_pairs(outer.cookies, inner.cookies);
}

void warn(const Spec& spec, Diagnostics& diagnostics) {
  warn_of_routes(spec.routes, diagnostics);
  warn_of_regions(spec, diagnostics);
  warn_of_sessions(spec, diagnostics);
}

}  // namespace rhumb::config
