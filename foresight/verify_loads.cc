// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_loads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace rhumb::foresight {
namespace {

using decision::kNoRegion;
using decision::RegionIndex;

/// For strategies that draw: at least so many of each place, and so many in all.
constexpr size_t kDrawsOfAPlace = 64, kDraws = 1024;
/// Rounds in which a crowd must come to rest; each decides anew for everybody.
constexpr unsigned kRounds = 64;
constexpr unsigned kMostMoves = 2;

uint32_t whole(double requests) { return static_cast<uint32_t>(std::lround(std::min(requests, 4e9))); }

}  // namespace

LoadChecker::LoadChecker(const Proof& proof, const config::AssertSpec& rule) : proof_(proof), rule_(rule) {
  double sum = 0;
  for (const auto& entry : rule.spread) sum += entry.second;
  std::vector<std::pair<uint32_t, uint32_t>> who;
  for (uint32_t route = 0; route < proof.spec.routes.size(); ++route)
    for (uint32_t tenant = 0; tenant < proof.kinds.tenants.size(); ++tenant)
      if (is_about(route, tenant)) who.emplace_back(route, tenant);
  draws_ = std::max(kDrawsOfAPlace, kDraws / std::max<size_t>(1, rule.spread.size()));
  for (const auto& [country, part] : rule.spread)
    for (const auto& [route, tenant] : who)
      if (part > 0)
        add_part(middle_of(geo::Country::of(country)), route, tenant,
                 static_cast<double>(rule.requests) * part / sum / static_cast<double>(who.size()));
}

/// Without tenants, requests that have none stand for all.
bool LoadChecker::is_about(uint32_t route, uint32_t tenant) const {
  const std::string& name = proof_.kinds.tenants[tenant];
  return names_it(rule_.routes, proof_.spec.routes[route].name) &&
         (rule_.tenants.empty() ? name.empty() : names_it(rule_.tenants, name));
}

void LoadChecker::add_part(const geo::Facts& where, uint32_t route, uint32_t tenant, double requests) {
  Part part{{}, route, tenant, 0, requests};
  part.facts.where = where;
  part.facts.tenant = decision::tenant_key(proof_.kinds.tenants[tenant]);
  const decision::Policy& policy = proof_.policies.routes[route].policy;
  const size_t draws = is_drawn(policy) ? draws_ : 1;
  part.requests /= static_cast<double>(draws);
  for (size_t i = 0; i < draws; ++i) {
    const size_t number = draws == 1 ? 0 : parts_.size();  // other draws at every place
    part.draw = policy.strategy->sequential || number == 0 ? number : base::mix64(number);
    parts_.push_back(part);
  }
}

LoadChecker::Crowd LoadChecker::fresh() const {
  return {std::vector<RegionIndex>(parts_.size(), kNoRegion), std::vector<unsigned>(parts_.size(), 0),
          std::vector<double>(proof_.policies.regions->size(), 0)};
}

size_t LoadChecker::step(Crowd& crowd, uint64_t down, bool feed_back) {
  decision::RegionStates states = decision::unmeasured(*proof_.policies.regions);
  for (size_t r = 0; feed_back && r < crowd.loads.size(); ++r) states.of[r].in_flight = whole(crowd.loads[r]);
  std::fill(crowd.loads.begin(), crowd.loads.end(), 0);
  size_t moved = parts_.size();
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const decision::Policy& policy = proof_.policies.routes[part.route].policy;
    const RegionIndex now = decider_.decide(policy, states, part.facts, part.draw, down).winner;
    if (now != kNoRegion) crowd.loads[now] += part.requests;
    if (now == crowd.at[i]) continue;
    crowd.at[i] = now;
    ++crowd.moves[i];
    moved = i;
  }
  return moved;
}

size_t LoadChecker::settle(Crowd& crowd, uint64_t down) {
  size_t moved = parts_.size();
  for (unsigned round = 0; round < kRounds; ++round) {
    moved = step(crowd, down, true);
    if (moved == parts_.size()) return moved;
  }
  return moved;
}

std::string LoadChecker::at(const Crowd& crowd, size_t part) const {
  const RegionIndex region = crowd.at[part];
  return region == kNoRegion ? "nobody" : (*proof_.policies.regions)[region].name;
}

Refutation LoadChecker::evidence(size_t part, uint64_t down, const Crowd* fed_back) {
  const decision::RoutePolicy& route = proof_.policies.routes[parts_[part].route];
  Refutation found{.down = down,
                   .route = route.name,
                   .tenant = proof_.kinds.tenants[parts_[part].tenant],
                   .policy = route.policy,
                   .states = decision::unmeasured(*route.policy.regions),
                   .facts = parts_[part].facts,
                   .draw = parts_[part].draw};
  for (size_t r = 0; r < found.states.of.size(); ++r) {
    set_down(found.states.of[r], (down >> r & 1) != 0);
    if (fed_back != nullptr) found.states.of[r].in_flight = whole(fed_back->loads[r]);
  }
  return found;
}

std::optional<Refutation> LoadChecker::overload(uint64_t down) {
  Crowd crowd = fresh();
  step(crowd, down, false);
  for (const std::string& name : rule_.regions) {
    const RegionIndex region = proof_.policies.find_region(name);
    const auto most = static_cast<double>((*proof_.policies.regions)[region].max_requests);
    const double load = crowd.loads[region];
    if (load <= rule_.share * most * (1 + 1e-9)) continue;
    size_t largest = parts_.size();
    for (size_t i = 0; i < parts_.size(); ++i)
      if (crowd.at[i] == region && (largest == parts_.size() || parts_[i].requests > parts_[largest].requests))
        largest = i;
    Refutation found = evidence(largest, down, nullptr);
    found.expected = fmt::format("{} gets at most {:.6g} requests, {:.6g}% of its {:.0f}", name, rule_.share * most,
                                 rule_.share * 100, most);
    found.found = fmt::format("of {} requests it gets {:.0f}, {:.0f}%; the largest part of them is this client's",
                              rule_.requests, load, 100 * load / most);
    return found;
  }
  return std::nullopt;
}

/// From rest, regions fail and come back.
std::optional<Refutation> LoadChecker::unrest(const Crowd& calm, uint64_t down) {
  Crowd crowd = calm;
  std::fill(crowd.moves.begin(), crowd.moves.end(), 0);
  const std::string without = region_names(*proof_.policies.regions, down);
  const std::string expected = "the loads settle, everybody is in the end where they were, and moves twice at most";
  const auto refuted = [&](size_t part, uint64_t now, std::string words) {
    Refutation found = evidence(part, now, &crowd);
    found.down = down;
    found.expected = expected;
    found.found = std::move(words);
    return found;
  };
  if (const size_t part = settle(crowd, down); part != parts_.size())
    return refuted(part, down, fmt::format("with {} down it still moves after {} rounds", without, kRounds));
  if (const size_t part = settle(crowd, 0); part != parts_.size())
    return refuted(part, 0, fmt::format("once {} is back it still moves after {} rounds", without, kRounds));
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (crowd.at[i] != calm.at[i])
      return refuted(i, 0,
                     fmt::format("it was served by {}, and once {} is back by {}", at(calm, i), without, at(crowd, i)));
    if (crowd.moves[i] > kMostMoves)
      return refuted(i, 0, fmt::format("while {} fails and comes back it moves {} times", without, crowd.moves[i]));
  }
  return std::nullopt;
}

std::optional<Refutation> LoadChecker::search() {
  const bool loads = rule_.rule == config::AssertSpec::Rule::max_load;
  Crowd calm = fresh();
  if (!loads) {
    if (const size_t part = settle(calm, 0); part != parts_.size()) {
      Refutation found = evidence(part, 0, &calm);
      found.expected = "the loads settle";
      found.found = fmt::format("with nothing down it still moves after {} rounds", kRounds);
      return found;
    }
  }
  for (unsigned down = loads ? 0 : 1; down <= rule_.down; ++down)
    for (const uint64_t set : proof_.failures.sets_of(down))
      if (auto found = loads ? overload(set) : unrest(calm, set)) return found;
  return std::nullopt;
}

RuleResult LoadChecker::check() { return {rule_, parts_.size(), search()}; }

}  // namespace rhumb::foresight
