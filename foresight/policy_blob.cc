// SPDX-License-Identifier: Apache-2.0
#include "foresight/policy_blob.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "foresight/pack.h"

namespace rhumb::foresight {
namespace {

using base::Unexpected;
using decision::Policies;
using decision::Policy;
using decision::Region;
using decision::RegionIndex;

constexpr uint32_t kPoliciesMagic = 0x4c4f5052;  // "RPOL"
constexpr uint16_t kPoliciesVersion = 2;

void put_country(Packer& to, const geo::Country& country) {
  to.put(country.code[0]);
  to.put(country.code[1]);
}

geo::Country get_country(Unpacker& from) {
  geo::Country country;
  country.code[0] = from.get<char>();
  country.code[1] = from.get<char>();
  return country;
}

void put_region(Packer& to, const Region& region) {
  to.text(region.name);
  to.put(region.at.latitude);
  to.put(region.at.longitude);
  to.put(region.has_point);
  put_country(to, region.country);
  to.put(region.weight);
  to.put(region.priority);
  to.put(region.bias);
  to.put(region.price);
  for (const double number : region.numbers) to.put(number);
  to.put(static_cast<int64_t>(region.max_latency.count()));
  to.put(region.max_requests);
  to.put(region.dial);
  to.put(static_cast<uint32_t>(region.backup.size()));
  for (const RegionIndex backup : region.backup) to.put(backup);
}

Region get_region(Unpacker& from) {
  Region region;
  region.name = from.text();
  const auto latitude = from.get<double>(), longitude = from.get<double>();
  region.has_point = from.get<uint8_t>() != 0;
  if (region.has_point) region.at = {latitude, longitude};
  region.country = get_country(from);
  region.weight = from.get<double>();
  region.priority = from.get<int32_t>();
  region.bias = from.get<double>();
  region.price = from.get<double>();
  for (double& number : region.numbers) number = from.get<double>();
  region.max_latency = base::Micros(from.get<int64_t>());
  region.max_requests = from.get<uint64_t>();
  region.dial = from.get<double>();
  for (uint32_t n = from.count(1); n > 0; --n) region.backup.push_back(from.get<RegionIndex>());
  return region;
}

/// What all routes share.
void put_common(Packer& to, const Policy& policy) {
  const auto rules = policy.fence->rules();
  to.put(static_cast<uint32_t>(rules.size()));
  for (const decision::FenceRule& rule : rules) {
    put_country(to, rule.country);
    to.put(rule.tenant);
    to.put(rule.regions);
  }
  to.put(static_cast<uint32_t>(policy.countries.size()));
  for (const auto& [country, region] : policy.countries) {
    put_country(to, country);
    to.put(region);
  }
  to.put(policy.default_region);
  to.put(policy.exploration);
  to.put(policy.ignore_latency_when_all_slow);
  to.put(policy.max_weight);
  to.put(policy.max_price);
  to.put(static_cast<uint32_t>(policy.numbers.size()));
  for (const decision::NumberTerm& term : policy.numbers) {
    to.text(term.name);
    to.text(term.unit);
    to.put(term.normaliser);
    to.put(term.scale);
    to.put(term.lower_wins);
  }
}

Policy get_common(Unpacker& from, const std::shared_ptr<const decision::Regions>& regions) {
  Policy policy;
  policy.regions = regions;
  std::vector<decision::FenceRule> rules;
  for (uint32_t n = from.count(18); n > 0; --n) {
    const geo::Country country = get_country(from);
    const auto tenant = from.get<decision::TenantKey>();
    rules.push_back({country, tenant, from.get<uint64_t>()});
  }
  policy.fence = std::make_shared<decision::Fence>(regions->size(), std::move(rules));
  for (uint32_t n = from.count(3); n > 0; --n) {
    const geo::Country country = get_country(from);
    policy.countries.emplace_back(country, from.get<RegionIndex>());
  }
  policy.default_region = from.get<RegionIndex>();
  policy.exploration = from.get<double>();
  policy.ignore_latency_when_all_slow = from.get<uint8_t>() != 0;
  policy.max_weight = from.get<double>();
  policy.max_price = from.get<double>();
  for (uint32_t n = from.count(14); n > 0; --n) {
    decision::NumberTerm& term = policy.numbers.emplace_back();
    term.name = from.text();
    term.unit = from.text();
    term.normaliser = from.get<decision::Normaliser>();
    term.scale = from.get<double>();
    term.lower_wins = from.get<uint8_t>() != 0;
  }
  return policy;
}

void put_route(Packer& to, const decision::RoutePolicy& route) {
  to.text(route.name);
  to.text(route.policy.strategy->name);
  to.put(route.policy.allowed);
  to.put(route.policy.panic);
  for (size_t t = 0; t < decision::term_count(route.policy); ++t) to.put(route.policy.weights[t]);
}

/// The error names what is not known here.
std::string get_routes(Unpacker& from, const Policy& common, Policies& to) {
  std::vector<size_t> terms;
  for (uint32_t n = from.count(2); n > 0; --n) {
    const std::string_view name = from.text();
    terms.push_back(decision::find_term(common, name));
    if (terms.back() == decision::kTerms) return fmt::format("the term '{}' is not known here", name);
  }
  for (uint32_t n = from.count(13); n > 0; --n) {
    decision::RoutePolicy route{std::string(from.text()), common};
    const std::string_view strategy = from.text();
    route.policy.strategy = decision::find_strategy(strategy);
    if (route.policy.strategy == nullptr) return fmt::format("the strategy '{}' is not known here", strategy);
    route.policy.allowed = from.get<uint64_t>();
    route.policy.panic = from.get<uint8_t>() != 0;
    for (const size_t term : terms) route.policy.weights[term] = from.get<double>();
    to.routes.push_back(std::move(route));
  }
  return {};
}

bool sound(const std::vector<decision::NumberTerm>& numbers) {
  return numbers.size() <= decision::kNumbers && std::all_of(numbers.begin(), numbers.end(), [](const auto& term) {
           return term.normaliser < decision::Normaliser::kCount && term.scale > 0;
         });
}

/// No index out of what is there.
bool sound(const Policies& policies, const Policy& common) {
  const size_t count = policies.regions->size();
  const auto known = [&](RegionIndex r) { return r < count || r == decision::kNoRegion; };
  for (const Region& region : *policies.regions)
    if (!std::all_of(region.backup.begin(), region.backup.end(), [&](RegionIndex r) { return r < count; }))
      return false;
  return known(common.default_region) && std::all_of(common.countries.begin(), common.countries.end(),
                                                     [&](const auto& entry) { return known(entry.second); });
}

}  // namespace

std::string pack_policies(const Policies& policies) {
  Packer to;
  to.put(kPoliciesMagic);
  to.put(kPoliciesVersion);
  to.put(static_cast<uint32_t>(policies.regions->size()));
  for (const Region& region : *policies.regions) put_region(to, region);
  put_common(to, policies.routes.front().policy);
  const Policy& common = policies.routes.front().policy;
  to.put(static_cast<uint32_t>(decision::term_count(common)));
  for (size_t t = 0; t < decision::term_count(common); ++t) to.text(decision::label_of(common, t).name);
  to.put(static_cast<uint32_t>(policies.routes.size()));
  for (const decision::RoutePolicy& route : policies.routes) put_route(to, route);
  return to.take();
}

base::Result<Policies, std::string> unpack_policies(std::string_view bytes) {
  const auto refused = [](std::string why) { return Unexpected(std::move(why)); };
  Unpacker from(bytes);
  if (from.get<uint32_t>() != kPoliciesMagic) return refused("these are no policies of a recording");
  if (const auto version = from.get<uint16_t>(); version != kPoliciesVersion)
    return refused(fmt::format("policies of version {}; this binary reads version {}", version, kPoliciesVersion));
  const uint32_t count = from.count(60);
  if (count > decision::kMaxRegions) return refused(fmt::format("{} regions", count));
  auto regions = std::make_shared<decision::Regions>();
  for (uint32_t n = 0; n < count; ++n) regions->push_back(get_region(from));
  Policies policies{regions, {}};
  const Policy common = get_common(from, regions);
  if (!sound(common.numbers)) return refused("the policies are damaged");
  if (std::string why = get_routes(from, common, policies); !why.empty()) return refused(std::move(why));
  if (!from.done() || !sound(policies, common)) return refused("the policies are damaged");
  return policies;
}

uint64_t policies_id(std::string_view bytes) noexcept { return base::hash64(bytes, kPoliciesMagic); }

}  // namespace rhumb::foresight
