// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"

namespace rhumb::foresight {
namespace {

using config::AssertSpec;
using decision::kNoRegion;
using decision::RegionIndex;
using Rule = AssertSpec::Rule;

bool has_bit(uint64_t bits, size_t region) { return region < decision::kMaxRegions && (bits >> region & 1) != 0; }

/// What a decision is held against.
struct Demand {
  Rule rule;
  uint64_t regions;  // stays_in
  uint64_t allowed;  // served
};

/// The region whose failure moved a client of another one, when `down` are down; kNoRegion: none did.
template <class Winner>
RegionIndex mover(uint64_t down, const Winner& winner) {
  const RegionIndex now = winner(down);
  for (RegionIndex r = 0; r < decision::kMaxRegions; ++r) {
    if (!has_bit(down, r)) continue;
    const RegionIndex before = winner(down & ~(uint64_t{1} << r));
    if (before != now && before != r) return r;
  }
  return kNoRegion;
}

/// Whether what `winner` says for sets of regions down breaks the rule when `down` are.
template <class Winner>
bool breaks(const Demand& demand, uint64_t down, const Winner& winner) {
  switch (demand.rule) {
    case Rule::stays_in: {
      const RegionIndex now = winner(down);
      return now != kNoRegion && !has_bit(demand.regions, now);
    }
    case Rule::served:
      return (demand.allowed == 0 || (demand.allowed & ~down) != 0) && winner(down) == kNoRegion;
    case Rule::unmoved:
      return mover(down, winner) != kNoRegion;
    default:
      return false;
  }
}

std::string region_or_nobody(const decision::Regions& regions, RegionIndex region) {
  return region == kNoRegion ? "nobody" : regions[region].name;
}

template <class Winner>
void put_in_words(const Demand& demand, const Winner& winner, Refutation& to) {
  const decision::Regions& regions = *to.policy.regions;
  const std::string now = region_or_nobody(regions, winner(to.down));
  if (demand.rule == Rule::stays_in) {
    to.expected = fmt::format("served by {} or by nobody", region_names(regions, demand.regions));
    to.found = "served by " + now;
  } else if (demand.rule == Rule::served && demand.allowed == 0) {
    to.expected = "served by some region";
    to.found = "fence and route leave no region at all";
  } else if (demand.rule == Rule::served) {
    to.expected = fmt::format("served by {}", region_names(regions, demand.allowed & ~to.down));
    to.found = "served by nobody";
  } else {
    const RegionIndex failed = mover(to.down, winner);
    const uint64_t others = to.down & ~(uint64_t{1} << failed);
    const std::string before = region_or_nobody(regions, winner(others));
    to.expected = fmt::format("the failure of {} moves nobody who was not there", regions[failed].name);
    to.found = fmt::format("with {} down it is served by {}, and when {} fails by {}", region_names(regions, others),
                           before, regions[failed].name, now);
  }
}

}  // namespace

/// Clients of one kind that a rule is about.
struct RuleChecker::Subject {
  const Kind* kind;
  uint32_t route, tenant;
  bool sticky;  // some route of them keeps clients at their region
};

bool names_it(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

std::string region_names(const decision::Regions& regions, uint64_t which) {
  std::string out;
  for (size_t r = 0; r < regions.size(); ++r)
    if (has_bit(which, r)) out += (out.empty() ? "" : ", ") + regions[r].name;
  return out.empty() ? "none" : out;
}

uint64_t region_bits(const decision::Policies& policies, const std::vector<std::string>& names) {
  uint64_t bits = 0;
  for (const std::string& name : names)
    if (const RegionIndex r = policies.find_region(name); r != kNoRegion) bits |= uint64_t{1} << r;
  return bits;
}

RuleResult RuleChecker::check(const AssertSpec& rule) {
  const std::vector<Subject> subjects = subjects_of(rule);
  return {rule, subjects.size(), search(rule, subjects)};
}

std::vector<RuleChecker::Subject> RuleChecker::subjects_of(const AssertSpec& rule) const {
  std::vector<Subject> subjects;
  for (const Kind& kind : proof_.kinds.all) {
    const bool whose =
        rule.countries.empty() || (kind.country.known() && names_it(rule.countries, std::string(kind.country.view())));
    if (!whose) continue;
    std::optional<Subject> subject;
    for (const auto& [route, tenant] : proof_.kinds.who[kind.who]) {
      const config::RouteSpec& spec = proof_.spec.routes[route];
      if (!names_it(rule.routes, spec.name) || !names_it(rule.tenants, proof_.kinds.tenants[tenant])) continue;
      // The first one stands for all; where one keeps clients at their region, the first of those does.
      if (!subject || (spec.affinity && !subject->sticky)) subject = Subject{&kind, route, tenant, spec.affinity};
    }
    if (subject) subjects.push_back(*subject);
  }
  return subjects;
}

std::optional<Refutation> RuleChecker::search(const AssertSpec& rule, const std::vector<Subject>& subjects) {
  for (unsigned down = 0; down <= rule.down; ++down) {
    for (const Subject& subject : subjects) {
      if (auto found = try_sets(rule, subject, down)) return found;
      if (down != 0 || rule.rule != Rule::stays_in || !subject.sticky) continue;
      if (auto found = try_bound(rule, subject)) return found;
    }
  }
  return std::nullopt;
}

std::optional<Refutation> RuleChecker::try_sets(const AssertSpec& rule, const Subject& subject, unsigned down) {
  const Winners& table = winners_of(*subject.kind);
  const Demand demand{rule.rule, region_bits(proof_.policies, rule.regions), subject.kind->allowed};
  for (const uint64_t set : proof_.failures.sets_of(down)) {
    for (size_t way = 0; way < table.ways; ++way) {
      const auto winner = [&](uint64_t which) { return table.of[proof_.failures.index_of(which) * table.ways + way]; };
      if (breaks(demand, set, winner)) return evidence(rule, subject, set, way);
    }
  }
  return std::nullopt;
}

/// A session outlives a journey: whoever is bound to a region stays there while it is up, whoever else is down.
std::optional<Refutation> RuleChecker::try_bound(const AssertSpec& rule, const Subject& subject) {
  const uint64_t wanted = region_bits(proof_.policies, rule.regions);
  const decision::RoutePolicy& route = proof_.policies.routes[subject.route];
  decision::RequestFacts facts = subject.kind->facts;
  facts.tenant = decision::tenant_key(proof_.kinds.tenants[subject.tenant]);
  const auto count = static_cast<RegionIndex>(route.policy.regions->size());
  for (RegionIndex r = 0; r < count; ++r) {
    facts.preference = {.region = r, .verdict = decision::Affinity::kept};
    Way way{route.policy, decision::unmeasured(*route.policy.regions), 0};
    const RegionIndex winner = decider_.winner(way, facts, 0);
    if (winner != r || has_bit(wanted, winner)) continue;
    const decision::Regions& regions = *route.policy.regions;
    return Refutation{
        0,
        route.name,
        proof_.kinds.tenants[subject.tenant],
        way.policy,
        way.states,
        facts,
        0,
        fmt::format("served by {} or by nobody", region_names(regions, wanted)),
        fmt::format("a session binds it to {}, and neither fence nor route forbid that", regions[r].name)};
  }
  return std::nullopt;
}

/// The decision as it would really be made: a draw is looked for with which it is.
Refutation RuleChecker::evidence(const AssertSpec& rule, const Subject& subject, uint64_t down, size_t way) {
  constexpr uint64_t kDraws = 200'000;
  const decision::RoutePolicy& route = proof_.policies.routes[subject.route];
  Refutation found{.down = down,
                   .route = route.name,
                   .tenant = proof_.kinds.tenants[subject.tenant],
                   .policy = route.policy,
                   .states = decision::unmeasured(*route.policy.regions),
                   .facts = subject.kind->facts};
  found.facts.tenant = decision::tenant_key(found.tenant);
  const Demand demand{rule.rule, region_bits(proof_.policies, rule.regions), subject.kind->allowed};
  const auto winner = [&](uint64_t which) {
    return decider_.decide(found.policy, found.states, found.facts, found.draw, which).winner;
  };
  const uint64_t tries = is_drawn(route.policy) ? kDraws : 1;
  uint64_t i = 0;
  for (; i < tries; ++i) {
    found.draw = route.policy.strategy->sequential || i == 0 ? i : base::mix64(i);
    if (breaks(demand, down, winner)) break;
  }
  if (i == tries) {  // too rare to be met: the way itself is shown
    const Way& rare = ways_of_kind(*subject.kind)[way];
    found.policy = rare.policy, found.states = rare.states, found.draw = rare.draw;
  }
  put_in_words(demand, winner, found);
  for (size_t r = 0; r < found.states.of.size(); ++r) set_down(found.states.of[r], has_bit(down, r));
  return found;
}

std::vector<Way>& RuleChecker::ways_of_kind(const Kind& kind) {
  auto& ways = ways_[kind.route];
  if (ways.empty()) ways = ways_of(proof_.policies.routes[kind.route].policy);
  return ways;
}

const RuleChecker::Winners& RuleChecker::winners_of(const Kind& kind) {
  Winners& table = winners_[&kind];
  if (table.ways != 0) return table;
  std::vector<Way> ways = ways_of_kind(kind);
  for (Way& way : ways) way.policy.allowed = kind.allowed;  // stands for the fence as well
  table.ways = ways.size();
  for (const uint64_t set : proof_.failures.sets()) {
    const uint64_t counts = set & kind.allowed;  // the others were never candidates
    const size_t same = proof_.failures.index_of(counts) * table.ways;
    for (size_t way = 0; way < table.ways; ++way)
      table.of.push_back(counts != set ? table.of[same + way] : decider_.winner(ways[way], kind.facts, set));
  }
  return table;
}

}  // namespace rhumb::foresight
