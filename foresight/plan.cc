// SPDX-License-Identifier: Apache-2.0
#include "foresight/plan.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "foresight/replay.h"

namespace rhumb::foresight {

using decision::kNoRegion;
using decision::RegionIndex;

/// One request, in terms of the candidate.
struct Plan::Case {
  const decision::RegionStates& states;
  decision::RequestFacts facts;
  uint64_t draw;
  uint16_t from;           // in names_: who served it
  std::string_view route;  // that took it
  uint64_t weight = 1;
  uint64_t client = 0, session = 0;  // zero: none
};

Plan::Plan(const config::Spec& next)
    : policies_(decision::compile_policies(next)),
      routes_(next.routes),
      guards_(next),
      rows_(policies_.regions->size()) {
  for (const decision::Region& region : *policies_.regions) own_names_.push_back(name_index(region.name));
}

uint16_t Plan::name_index(const std::string& name) {
  const auto found = std::find(names_.begin() + 1, names_.end(), name);
  if (found == names_.end()) return names_.push_back(name), static_cast<uint16_t>(names_.size() - 1);
  return static_cast<uint16_t>(found - names_.begin());
}

const Plan::Mapping& Plan::mapping_of(uint64_t id, const decision::Policies& policies) {
  const auto [known, fresh] = mappings_.try_emplace(id);
  if (!fresh) return known->second;
  for (const decision::Region& region : *policies.regions) {
    known->second.names.push_back(name_index(region.name));
    known->second.candidates.push_back(policies_.find_region(region.name));
  }
  return known->second;
}

/// As they were, for the regions that stay; a dial that nobody had turned is the candidate's own.
const decision::RegionStates& Plan::states_of(const DecisionRecord& record, const decision::Policies& policies,
                                              const decision::RegionStates& states, const Mapping& mapping) {
  const auto [known, fresh] = states_.try_emplace(base::mix64(record.states) ^ record.policies);
  if (!fresh) return known->second.mapped;
  decision::RegionStates& to = known->second.mapped;
  to = decision::unmeasured(*policies_.regions);
  for (size_t i = 0; i < states.of.size(); ++i) {
    known->second.in_flight.emplace_back(mapping.names[i], states.of[i].in_flight);
    const RegionIndex candidate = mapping.candidates[i];
    if (candidate == kNoRegion) continue;
    const float own_dial = to.of[candidate].dial;
    to.of[candidate] = states.of[i];
    if (states.of[i].dial == static_cast<float>((*policies.regions)[i].dial)) to.of[candidate].dial = own_dial;
  }
  return to;
}

void Plan::add(Recording& recording, base::WallTime since) {
  recording.for_each([&](const DecisionRecord& record, base::WallTime time) {
    if (time < since) return;
    if (sums_.first == base::WallTime{} || time < sums_.first) sums_.first = time;
    sums_.last = std::max(sums_.last, time);
    add_one(record, recording);
  });
}

void Plan::add_one(const DecisionRecord& record, Recording& recording) {
  const Replayable then = replayable(record, recording);
  if (then.states == nullptr) return void(++sums_.left_out);
  const decision::Policies& policies = *recording.policies(record.policies);
  const Mapping& mapping = mapping_of(record.policies, policies);
  const auto candidate = [&](RegionIndex r) {
    return r < mapping.candidates.size() ? mapping.candidates[r] : kNoRegion;
  };
  Case at{states_of(record, policies, *then.states, mapping), facts_of(record), record.draw,
          record.winner < mapping.names.size() ? mapping.names[record.winner] : kNobody, then.route};
  at.facts.preference.region = candidate(at.facts.preference.region);
  at.facts.tried = 0;
  for (size_t r = 0; r < mapping.candidates.size(); ++r)
    if ((record.tried >> r & 1) != 0 && mapping.candidates[r] != kNoRegion)
      at.facts.tried |= uint64_t{1} << mapping.candidates[r];
  constexpr uint8_t kKnown = DecisionRecord::client_v4 | DecisionRecord::client_v6;
  if ((record.flags & kKnown) != 0) at.client = base::mix64(record.client) ^ (record.flags & kKnown);
  at.session = record.session;
  add_case(at, routes_.of(then.route, record.target, recording.target(record.target)));
}

void Plan::add(const decision::Policies& now, const std::vector<Place>& people) {
  constexpr uint64_t kNow = 0;  // no recorded policies have this name
  sums_.synthetic = true;
  const Mapping& mapping = mapping_of(kNow, now);
  const decision::RegionStates states = decision::unmeasured(*now.regions),
                               then = decision::unmeasured(*policies_.regions);
  std::vector<decision::Candidate> rows(now.regions->size());
  uint64_t draw = 0;
  for (const Place& place : people) {
    decision::RequestFacts facts;
    facts.where.point = place.at;
    facts.where.has_point = true;
    facts.where.country = place.country;
    facts.where.source = geo::Source::database;
    for (const decision::RoutePolicy& route : now.routes) {
      const uint64_t drawn = base::mix64(++draw);
      const RegionIndex winner = decision::decide(route.policy, states, facts, drawn, rows).winner;
      Case at{then, facts, drawn, winner != kNoRegion ? mapping.names[winner] : kNobody, route.name};
      at.weight = static_cast<uint64_t>(std::max(std::llround(place.weight), 1LL));
      add_case(at, routes_.of(route.name, 0, nullptr));
    }
  }
}

void Plan::add_case(const Case& at, uint32_t route) {
  const std::string_view name = route != RouteGuess::kNone ? policies_.routes[route].name : std::string_view();
  if (name != at.route) routes_matrix_[{std::string(at.route), std::string(name)}] += at.weight;
  const uint16_t to = route != RouteGuess::kNone ? decide(at, route) : lost(at, sums_.no_route);
  const bool moved = to != at.from;
  sums_.requests.all += at.weight;
  sums_.requests.moved += moved ? at.weight : 0;
  matrix_[{at.from, to}] += at.weight;
  if (at.client != 0) add_moved(clients_, at.client, moved);
  if (at.session != 0) add_moved(sessions_, at.session, moved);
}

/// Nobody would serve it; who nobody served before is not lost by that.
uint16_t Plan::lost(const Case& at, uint64_t& count) {
  if (at.from != kNobody) count += at.weight;
  return kNobody;
}

/// Who would serve it; of those whom nobody would, counts why.
uint16_t Plan::decide(const Case& at, uint32_t route) {
  if (guards_.deny(route, at.facts)) return lost(at, sums_.denied);
  const decision::Decision made = decision::decide(policies_.routes[route].policy, at.states, at.facts, at.draw, rows_);
  if (made.winner != kNoRegion) return own_names_[made.winner];
  return lost(at, made.reason == decision::Reason::fenced ? sums_.fenced : sums_.no_region);
}

/// Whoever moves once has moved.
void Plan::add_moved(std::unordered_map<uint64_t, bool>& seen, uint64_t key, bool moved) {
  bool& known = seen[key];
  known = known || moved;
}

/// What was in flight in a region goes where its requests go.
void Plan::fill_regions(PlanReport& report) const {
  std::vector<PlannedRegion> regions(names_.size());
  for (size_t i = 0; i < names_.size(); ++i) regions[i].name = names_[i];
  for (const auto& [move, count] : matrix_) regions[move.first].now += count, regions[move.second].then += count;
  for (size_t i = 0; i < own_names_.size(); ++i) regions[own_names_[i]].limit = (*policies_.regions)[i].max_requests;
  for (const auto& [id, states] : states_) {
    std::vector<double> then(names_.size());
    for (const auto& [from, in_flight] : states.in_flight) {
      const auto busy = static_cast<double>(in_flight);
      regions[from].peak_now = std::max(regions[from].peak_now, busy);
      const auto row = matrix_.lower_bound({from, 0});
      for (auto move = row; move != matrix_.end() && move->first.first == from; ++move)
        then[move->first.second] += busy * static_cast<double>(move->second) / static_cast<double>(regions[from].now);
      if (row == matrix_.end() || row->first.first != from) then[from] += busy;  // nothing known of its requests
    }
    for (size_t i = 0; i < then.size(); ++i) regions[i].peak_then = std::max(regions[i].peak_then, then[i]);
  }
  report.regions.assign(regions.begin() + 1, regions.end());
}

PlanReport Plan::report() const {
  PlanReport report = sums_;
  const auto tally = [](const std::unordered_map<uint64_t, bool>& seen, Moved& to) {
    to.all = seen.size();
    for (const auto& [key, moved] : seen) to.moved += moved ? 1 : 0;
  };
  tally(clients_, report.clients);
  tally(sessions_, report.sessions);
  for (const auto& [move, count] : matrix_) report.regions_matrix[{names_[move.first], names_[move.second]}] = count;
  report.routes_matrix = routes_matrix_;
  fill_regions(report);
  return report;
}

double PlanReport::moved_share() const noexcept {
  return std::max({requests.share(), clients.share(), sessions.share()});
}

double PlanReport::lost_share() const noexcept {
  return Moved{requests.all, no_route + denied + fenced + no_region}.share();
}

base::Result<PlanReport, std::string> plan_recorded(const std::string& path, const config::Spec& next,
                                                    std::optional<base::Micros> last) {
  auto recordings = open_recordings(path);
  if (!recordings) return base::Unexpected(recordings.error());
  base::WallTime newest{};
  for (const auto& recording : recordings->all) newest = std::max(newest, recording->newest());
  Plan plan(next);
  for (const auto& recording : recordings->all) plan.add(*recording, last ? newest - *last : base::WallTime::min());
  PlanReport report = plan.report();
  report.passed_over = std::move(recordings->passed_over);
  return report;
}

PlanReport plan_made_up(const config::Spec& now, const config::Spec& next, const geo::Locator* places) {
  Plan plan(next);
  plan.add(decision::compile_policies(now), population(places));
  return plan.report();
}

}  // namespace rhumb::foresight
