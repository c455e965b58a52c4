// SPDX-License-Identifier: Apache-2.0
#include "foresight/route_guess.h"

#include "base/check.h"
#include "base/hash.h"

namespace rhumb::foresight {
namespace {

bool hides_conditions(const config::RouteSpec& route) {
  return !route.match.headers.empty() || !route.match.query.empty() || !route.match.cookies.empty() || route.split < 1;
}

/// The route as a recording can judge it.
config::RouteSpec visible(const config::RouteSpec& route, bool holds) {
  config::RouteSpec seen;
  seen.name = route.name;
  seen.match = route.match;
  seen.match.headers = seen.match.query = seen.match.cookies = {};
  if (!holds && hides_conditions(route)) seen.match.methods = {""};  // which none has
  return seen;
}

}  // namespace

RouteGuess::RouteGuess(const std::vector<config::RouteSpec>& routes) : routes_(routes) {
  for (size_t i = 0; i < routes.size(); ++i) names_.emplace(routes[i].name, static_cast<uint32_t>(i));
}

uint32_t RouteGuess::by_name(std::string_view name) const {
  const auto found = names_.find(name);
  return found != names_.end() ? found->second : kNone;
}

uint32_t RouteGuess::of(std::string_view recorded_route, uint64_t target_id, const KnownTarget* target) {
  if (target == nullptr || target->cut) return by_name(recorded_route);
  const auto [known, fresh] = known_.try_emplace(base::hash64(recorded_route, target_id), kNone);
  if (fresh) known->second = match(recorded_route, *target);
  return known->second;
}

uint32_t RouteGuess::match(std::string_view recorded_route, const KnownTarget& target) {
  http::RequestHead head;
  head.method_text = target.method;
  head.method = http::method_of(target.method);
  base::BlockPool blocks(0);
  base::Arena arena(blocks);
  const uint32_t route = table_for(by_name(recorded_route)).match({head, target.host, target.path, {}, {}, arena});
  return route == decision::RouteTable::kTooLong ? kNone : route;
}

/// Routes that hide nothing need no table of their own.
const decision::RouteTable& RouteGuess::table_for(uint32_t named) {
  if (named != kNone && !hides_conditions(routes_[named])) named = kNone;
  auto& table = tables_[named];
  if (table == nullptr) {
    std::vector<config::RouteSpec> seen;
    for (uint32_t i = 0; i < routes_.size(); ++i) seen.push_back(visible(routes_[i], i == named));
    auto built = decision::RouteTable::build(seen);
    RHUMB_ASSERT(built);
    table = *built;
  }
  return *table;
}

}  // namespace rhumb::foresight
