// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_kinds.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "foresight/verify_ways.h"

namespace rhumb::foresight {
namespace {

using decision::Policies;
using decision::Policy;

using Names = std::vector<std::string>;

std::vector<geo::Country> named_countries(const config::Spec& spec, const std::vector<config::AssertSpec>& rules) {
  Names names;
  const auto add = [&](const Names& more) { names.insert(names.end(), more.begin(), more.end()); };
  for (const auto& rule : spec.fence) add(rule.countries);
  for (const auto& entry : spec.geo.countries) names.push_back(entry.first);
  for (const auto& region : spec.regions) names.push_back(region.country);
  for (const auto& rule : rules) add(rule.countries);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<geo::Country> countries;
  for (const std::string& name : names)
    if (const geo::Country country = geo::Country::of(name); country.known()) countries.push_back(country);
  return countries;
}

Names named_tenants(const config::Spec& spec, const std::vector<config::AssertSpec>& rules) {
  Names names = {""};
  const auto add = [&](const Names& more) {
    for (const std::string& name : more)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& rule : spec.fence) add(rule.tenants);
  for (const auto& rule : rules) add(rule.tenants);
  return names;
}

uint64_t allowed_by(const Policy& policy, geo::Country country, const std::string& tenant) {
  decision::RequestFacts facts;
  facts.where.country = country;
  facts.tenant = decision::tenant_key(tenant);
  uint64_t bits = 0;
  policy.fence->candidates(facts).for_each([&](decision::RegionIndex r) { bits |= uint64_t{1} << r; });
  return bits & policy.allowed;
}

/// Regions in the order in which a client falls back on them, as far as `depth`.
std::string preference(Decider& decider, Way& way, const decision::RequestFacts& facts, size_t depth) {
  std::string order;
  for (uint64_t down = 0; order.size() < depth;) {
    const decision::RegionIndex winner = decider.winner(way, facts, down);
    if (winner == decision::kNoRegion) break;
    order.push_back(static_cast<char>(winner));
    down |= uint64_t{1} << winner;
  }
  return order;
}

class Sorter {
 public:
  Sorter(const config::Spec& spec, const std::vector<config::AssertSpec>& rules, const Policies& policies,
         unsigned down)
      : policies_(policies), down_(down), countries_(named_countries(spec, rules)) {
    kinds_.tenants = named_tenants(spec, rules);
  }

  Kinds sort() {
    for (size_t route = 0; route < policies_.routes.size(); ++route)
      for (size_t tenant = 0; tenant < kinds_.tenants.size(); ++tenant) add(route, tenant);
    for (const auto& places : world_[1].empty() ? world_[0] : world_[1]) kinds_.places += places.at.size();
    return std::move(kinds_);
  }

 private:
  /// The first route that decides as this one does, given what it may choose from.
  size_t like(size_t route) const {
    const Policy& policy = policies_.routes[route].policy;
    for (size_t i = 0; i < route; ++i) {
      const Policy& before = policies_.routes[i].policy;
      if (before.strategy == policy.strategy && before.weights == policy.weights) return i;
    }
    return route;
  }

  const std::vector<Places>& world(bool everywhere) {
    if (world_[everywhere].empty()) world_[everywhere] = places_of(countries_, everywhere);
    return world_[everywhere];
  }

  void add(size_t route, size_t tenant) {
    const Policy& policy = policies_.routes[route].policy;
    const size_t first = like(route);
    for (const Places& places : world(policy.strategy->geographic)) {
      const uint64_t allowed = allowed_by(policy, places.country, kinds_.tenants[tenant]);
      const auto [known, fresh] =
          known_.try_emplace(std::tuple(first, std::string(places.country.view()), allowed), kinds_.who.size());
      if (fresh) {
        kinds_.who.emplace_back();
        split(places, route, allowed);
      }
      kinds_.who[known->second].emplace_back(static_cast<uint32_t>(route), static_cast<uint32_t>(tenant));
    }
  }

  /// The kinds among some places, for requests that fence and route leave the same regions.
  void split(const Places& places, size_t route, uint64_t allowed) {
    Policy policy = policies_.routes[route].policy;
    policy.allowed = allowed;  // stands for the fence as well
    Way way = ways_of(policy)[0];
    const auto& regions = *policy.regions;
    const size_t partly =
        std::count_if(regions.begin(), regions.end(), [](const auto& r) { return r.dial > 0 && r.dial < 1; });
    std::unordered_map<std::string, size_t> seen;
    for (const geo::Facts& where : places.at) {
      decision::RequestFacts facts;
      facts.where = where;
      if (!seen.try_emplace(preference(decider_, way, facts, down_ + 1 + partly), 0).second) continue;
      kinds_.all.push_back({facts, places.country, allowed, route, kinds_.who.size() - 1});
      if (!policy.strategy->geographic) return;  // nobody asks where a client is
    }
  }

  const Policies& policies_;
  unsigned down_;
  std::vector<geo::Country> countries_;
  std::vector<Places> world_[2];  // by `everywhere`
  std::map<std::tuple<size_t, std::string, uint64_t>, size_t> known_;
  Kinds kinds_;
  Decider decider_;
};

}  // namespace

Kinds kinds_of(const config::Spec& spec, const std::vector<config::AssertSpec>& rules, const Policies& policies,
               unsigned down) {
  return Sorter(spec, rules, policies, down).sort();
}

}  // namespace rhumb::foresight
