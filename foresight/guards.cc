// SPDX-License-Identifier: Apache-2.0
#include "foresight/guards.h"

#include <algorithm>
#include <string_view>

#include "filters/registry.h"

namespace rhumb::foresight {

Guards::Guards(const config::Spec& spec) {
  for (const config::RouteSpec& route : spec.routes) {
    std::vector<config::FilterSpec> walls;
    std::copy_if(route.filters.begin(), route.filters.end(), std::back_inserter(walls),
                 [](const config::FilterSpec& filter) { return filter.name == "geo_acl" || filter.name == "ip_acl"; });
    config::Diagnostics nothing_to_say;
    chains_.push_back(walls.empty() ? nullptr
                                    : filters::build_chain(walls, {spec.geo, spec.tenant, route.name}, nothing_to_say));
  }
}

bool Guards::deny(uint32_t route, const decision::RequestFacts& facts) {
  if (chains_[route] == nullptr) return false;
  http::RequestHead head;
  filters::ExchangeView view;
  view.arena = &arena_;
  view.request = &head;
  view.facts = facts;
  view.peer = facts.client;
  filters::ChainCursor cursor;
  cursor.start(*chains_[route], view);
  filters::FilterContext context(view, {}, nullptr);
  const filters::Verdict verdict = cursor.run_request(context, filters::Phase::guard, filters::Phase::shape);
  arena_.reset();
  return verdict.kind() != filters::Verdict::Kind::next;
}

}  // namespace rhumb::foresight
