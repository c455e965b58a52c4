// SPDX-License-Identifier: Apache-2.0
#include "foresight/guards.h"

#include <string_view>

#include "filters/refusal.h"

namespace rhumb::foresight {

Guards::Guards(const config::Spec& spec) {
  const auto walls = [](std::string_view name) { return name == "geo_acl" || name == "ip_acl"; };
  for (const config::RouteSpec& route : spec.routes) chains_.push_back(filters::some_of(spec, route, walls));
}

bool Guards::deny(uint32_t route, const decision::RequestFacts& facts) {
  if (chains_[route] == nullptr) return false;
  http::RequestHead head;
  filters::ExchangeView view;
  view.arena = &arena_;
  view.request = &head;
  view.facts = facts;
  view.peer = facts.client;
  const bool denied = filters::refusal(*chains_[route], view).has_value();
  arena_.reset();
  return denied;
}

}  // namespace rhumb::foresight
