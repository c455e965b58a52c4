// SPDX-License-Identifier: Apache-2.0
#include "decision/policies.h"

#include <algorithm>

namespace rhumb::decision {
namespace {

RegionIndex index_of(const std::vector<config::RegionSpec>& regions, const std::string& name) {
  for (size_t i = 0; i < regions.size(); ++i)
    if (regions[i].name == name) return static_cast<RegionIndex>(i);
  return kNoRegion;
}

uint64_t mask_of(const std::vector<config::RegionSpec>& regions, const std::vector<std::string>& names) {
  uint64_t mask = 0;
  for (const auto& name : names) mask |= uint64_t{1} << index_of(regions, name);
  return mask;
}

Region region(const config::Spec& spec, const config::RegionSpec& from) {
  Region to;
  to.name = from.name;
  to.at = {from.latitude, from.longitude};
  to.has_point = from.has_location;
  to.country = geo::Country::of(from.country);
  to.weight = from.weight;
  to.priority = from.priority;
  to.bias = from.bias;
  to.price = from.price.value_or(kUnknown);
  for (const auto& [name, number] : from.numbers)
    for (size_t slot = 0; slot < spec.terms.size(); ++slot)
      if (spec.terms[slot].name == name) to.numbers[slot] = number;
  to.max_latency = from.max_latency.value_or(base::Micros(0));
  to.max_requests = from.max_requests;
  to.dial = from.dial;
  for (const auto& name : from.backup) to.backup.push_back(index_of(spec.regions, name));
  return to;
}

/// Every pair of a rule's tenants and countries is a rule of the fence.
std::shared_ptr<const Fence> fence(const config::Spec& spec) {
  std::vector<FenceRule> rules;
  for (const auto& rule : spec.fence) {
    const uint64_t regions = mask_of(spec.regions, rule.regions);
    for (const auto& country : rule.countries.empty() ? std::vector<std::string>{""} : rule.countries)
      for (const auto& tenant : rule.tenants.empty() ? std::vector<std::string>{""} : rule.tenants)
        rules.push_back({geo::Country::of(country), tenant_key(tenant), regions});
  }
  return std::make_shared<Fence>(spec.regions.size(), std::move(rules));
}

std::vector<NumberTerm> numbers(const config::Spec& spec) {
  static_assert(config::kMaxTerms == kNumbers);
  std::vector<NumberTerm> to;
  for (const config::TermSpec& from : spec.terms) {
    const bool half = from.normaliser == config::TermSpec::Normaliser::half;
    to.push_back({from.name, from.unit, half ? Normaliser::half : Normaliser::max, from.scale, from.lower_wins});
  }
  return to;
}

/// The policy all routes share; route_policy() narrows it.
Policy common_policy(const config::Spec& spec, std::shared_ptr<const Regions> regions) {
  Policy policy;
  policy.fence = fence(spec);
  policy.max_weight = 0;
  for (const auto& r : *regions) {
    policy.max_weight = std::max(policy.max_weight, r.weight);
    if (r.price > policy.max_price) policy.max_price = r.price;
  }
  if (policy.max_weight <= 0) policy.max_weight = 1;
  policy.regions = std::move(regions);
  policy.numbers = numbers(spec);
  for (const auto& [country, name] : spec.geo.countries)
    policy.countries.emplace_back(geo::Country::of(country), index_of(spec.regions, name));
  std::sort(policy.countries.begin(), policy.countries.end(),
            [](const auto& a, const auto& b) { return a.first.code < b.first.code; });
  policy.default_region = index_of(spec.regions, spec.geo.default_region);
  policy.exploration = spec.latency.exploration;
  policy.ignore_latency_when_all_slow = spec.latency.all_slow;
  return policy;
}

Policy route_policy(Policy policy, const config::Spec& spec, const config::RouteSpec& route) {
  policy.allowed = mask_of(spec.regions, route.regions);
  policy.panic = route.panic;
  policy.strategy = find_strategy(route.strategy);
  for (const auto& [name, weight] : route.score)
    if (const size_t term = find_term(policy, name); term < kTerms) policy.weights[term] = weight;
  return policy;
}

}  // namespace

RegionIndex Policies::find_region(std::string_view name) const noexcept {
  for (size_t i = 0; i < regions->size(); ++i)
    if ((*regions)[i].name == name) return static_cast<RegionIndex>(i);
  return kNoRegion;
}

Policies compile_policies(const config::Spec& spec) {
  auto regions = std::make_shared<Regions>();
  for (const auto& from : spec.regions) regions->push_back(region(spec, from));
  Policies policies{regions, {}};
  const Policy common = common_policy(spec, regions);
  for (const auto& route : spec.routes) policies.routes.push_back({route.name, route_policy(common, spec, route)});
  return policies;
}

}  // namespace rhumb::decision
