// SPDX-License-Identifier: Apache-2.0
#include "decision/decide.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "decision/affinity.h"
#include "decision/draw.h"

namespace rhumb::decision {
namespace {

struct Narrowed {
  CandidateSet fenced, routed, candidates;
  bool panic = false, all_slow = false;
};

/// Where a client belongs before any strategy is asked.
struct Wish {
  RegionIndex region = kNoRegion;
  Reason reason = Reason::country;
};

template <class Keep>
CandidateSet without(const CandidateSet& from, Removed why, std::span<Candidate> rows, Keep&& keep) noexcept {
  return from.narrowed([&](RegionIndex r) {
    if (keep(r)) return true;
    rows[r].removed = why;
    return false;
  });
}

Narrowed narrow(const Policy& policy, const RegionStates& states, const RequestFacts& facts, uint64_t draw,
                std::span<Candidate> rows) noexcept {
  const Regions& regions = *policy.regions;
  const CandidateSet fenced = policy.fence->candidates(facts);
  for (size_t r = 0; r < rows.size(); ++r) {
    const auto index = static_cast<RegionIndex>(r);
    rows[r] = {.region = index, .removed = fenced.contains(index) ? Removed::no : Removed::fence};
  }
  const auto bit = [](uint64_t bits, RegionIndex r) { return (bits >> r & 1) != 0; };
  const CandidateSet routed =
      without(fenced, Removed::route, rows, [&](RegionIndex r) { return bit(policy.allowed, r); });
  const bool panic =
      policy.panic && routed.narrowed([&](RegionIndex r) { return takes_new_clients(states.of[r]); }).empty();
  CandidateSet left = without(routed, Removed::tried, rows, [&](RegionIndex r) { return !bit(facts.tried, r); });
  left = without(left, Removed::unhealthy, rows, [&](RegionIndex r) { return usable(states.of[r], panic); });
  left = without(left, Removed::draining, rows, [&](RegionIndex r) { return !states.of[r].draining; });
  left = without(left, Removed::dial, rows,
                 [&](RegionIndex r) { return unit_draw(draw, DrawUse::dial, r) < double{states.of[r].dial}; });
  left = without(left, Removed::at_capacity, rows, [&](RegionIndex r) {
    return regions[r].max_requests == 0 || states.of[r].in_flight < regions[r].max_requests;
  });
  const auto quick = [&](RegionIndex r) {
    return regions[r].max_latency.count() <= 0 || states.of[r].rtt <= regions[r].max_latency;
  };
  const bool all_slow = !left.empty() && left.narrowed(quick).empty();
  if (all_slow && policy.ignore_latency_when_all_slow) return {fenced, routed, left, panic, true};
  return {fenced, routed, without(left, Removed::too_slow, rows, quick), panic, false};
}

/// Weights come checked from the configuration; this keeps a policy that was made otherwise from spreading infinities.
double sane_weight(double weight) noexcept {
  constexpr double kMost = 1e9;
  return weight > 0 && weight <= kMost ? weight : 0;
}

void score(const Policy& policy, const RegionStates& states, const RequestFacts& facts, bool ignore_latency,
           std::span<Candidate> rows) noexcept {
  std::array<double, kTerms> weights;
  for (size_t t = 0; t < kTerms; ++t) weights[t] = sane_weight(policy.weights[t]);
  const size_t count = term_count(policy);
  if (ignore_latency) weights[static_cast<size_t>(TermIndex::latency)] = 0;
  for (size_t r = 0; r < rows.size(); ++r) {
    const TermInput input{(*policy.regions)[r], states.of[r], facts, policy};
    double sum = 0;
    for (size_t t = 0; t < count; ++t) {
      const double value = terms()[t]->value(input);
      rows[r].values[t] = static_cast<float>(std::isfinite(value) ? std::clamp(value, -1.0, 1.0) : kNeutral);
      sum += weights[t] * rows[r].values[t];
    }
    rows[r].score = static_cast<float>(sum);
  }
}

Wish wish_of(const Policy& policy, const RequestFacts& facts) noexcept {
  if (!policy.strategy->geographic) return {};
  const geo::Country country = facts.where.country;
  if (country.known()) {
    const auto entry = std::lower_bound(policy.countries.begin(), policy.countries.end(), country,
                                        [](const auto& e, const geo::Country& c) { return e.first.code < c.code; });
    if (entry != policy.countries.end() && entry->first == country) return {entry->second, Reason::country};
  }
  if (!facts.where.has_point) return {policy.default_region, Reason::default_region};
  return {};
}

RegionIndex first_backup(const Regions& regions, RegionIndex of, const CandidateSet& candidates) noexcept {
  for (const RegionIndex backup : regions[of].backup)
    if (candidates.contains(backup)) return backup;
  return kNoRegion;
}

/// A winner that no strategy picked; the strategy says who would be next.
Pick chosen(PickInput in, const CandidateSet& candidates, RegionIndex winner, Reason reason) noexcept {
  in.explore = false;
  const CandidateSet others = candidates.narrowed([&](RegionIndex r) { return r != winner; });
  const RegionIndex next = others.empty() ? kNoRegion : in.policy.strategy->pick(in, others).winner;
  return {winner, next, reason};
}

/// The stand-in of the region that would win were it not removed, if that one names any.
RegionIndex stand_in(PickInput in, const Narrowed& sets) noexcept {
  const Regions& regions = *in.policy.regions;
  const CandidateSet lost =
      sets.routed.narrowed([&](RegionIndex r) { return !regions[r].backup.empty() && !sets.candidates.contains(r); });
  if (lost.empty()) return kNoRegion;
  in.explore = false;
  const RegionIndex best = in.policy.strategy->pick(in, sets.routed).winner;
  return lost.contains(best) ? first_backup(regions, best, sets.candidates) : kNoRegion;
}

Pick pick(const PickInput& in, const Narrowed& sets) noexcept {
  const Regions& regions = *in.policy.regions;
  if (const Wish wish = wish_of(in.policy, in.facts); wish.region < regions.size()) {
    if (sets.candidates.contains(wish.region)) return chosen(in, sets.candidates, wish.region, wish.reason);
    const RegionIndex backup = first_backup(regions, wish.region, sets.candidates);
    if (backup != kNoRegion) return chosen(in, sets.candidates, backup, Reason::backup);
  }
  if (sets.routed.size() == 1)
    return {sets.routed.first(), kNoRegion, sets.all_slow ? Reason::all_slow : Reason::only_candidate};
  Pick pick = in.policy.strategy->pick(in, sets.candidates);
  if (pick.reason == Reason::exploration && pick.runner_up != kNoRegion) return pick;
  if (const RegionIndex backup = stand_in(in, sets); backup != kNoRegion) {
    return chosen(in, sets.candidates, backup, Reason::backup);
  }
  if (sets.all_slow) {
    pick.reason = Reason::all_slow;
  } else if (sets.candidates.size() == 1) {
    pick.reason = Reason::only_candidate;
  }
  return pick;
}

bool emptied_by_fence(const Policy& policy, const Narrowed& sets) noexcept {
  if (!sets.routed.empty()) return false;
  for (size_t r = 0; r < policy.regions->size(); ++r)
    if ((policy.allowed >> r & 1) != 0) return true;
  return false;
}

}  // namespace

std::string_view name(Reason reason) noexcept {
  static constexpr std::array<std::string_view, static_cast<size_t>(Reason::kCount)> kNames = {
      "best_score",     "nearest", "fastest",           "weighted",       "round_robin", "priority",
      "only_candidate", "sticky",  "country",           "default_region", "backup",      "exploration",
      "all_slow",       "panic",   "no_healthy_region", "fenced"};
  static_assert(!kNames.back().empty());
  RHUMB_ASSERT(reason < Reason::kCount);
  return kNames[static_cast<size_t>(reason)];
}

std::string_view name(Removed removed) noexcept {
  static constexpr std::array<std::string_view, static_cast<size_t>(Removed::kCount)> kNames = {
      "no", "fence", "route", "tried", "unhealthy", "draining", "dial", "too_slow", "at_capacity"};
  static_assert(!kNames.back().empty());
  RHUMB_ASSERT(removed < Removed::kCount);
  return kNames[static_cast<size_t>(removed)];
}

Decision decide(const Policy& policy, const RegionStates& states, const RequestFacts& facts, uint64_t draw,
                std::span<Candidate> rows) noexcept {
  const size_t count = policy.regions->size();
  RHUMB_ASSERT(rows.size() >= count && states.of.size() >= count && policy.strategy != nullptr);
  rows = rows.first(count);
  const Narrowed sets = narrow(policy, states, facts, draw, rows);
  score(policy, states, facts, sets.all_slow, rows);

  Decision decision{.states_epoch = states.epoch, .draw = draw, .candidates = rows};
  decision.all_slow = sets.all_slow;
  decision.affinity = judge(facts, *policy.regions, states, sets.fenced, sets.routed, sets.panic);
  const PickInput in{policy, states, facts, rows, draw, true, sets.all_slow};
  Pick result{.reason = Reason::no_healthy_region};
  if (decision.affinity == Affinity::kept) {
    result = chosen(in, sets.candidates, facts.preference.region, Reason::sticky);
  } else if (!sets.candidates.empty()) {
    result = pick(in, sets);
  } else if (emptied_by_fence(policy, sets)) {
    result.reason = Reason::fenced;
  }
  if (result.winner != kNoRegion && !states.of[result.winner].healthy) result.reason = Reason::panic;
  decision.winner = result.winner;
  decision.runner_up = result.runner_up;
  decision.reason = result.reason;
  return decision;
}

}  // namespace rhumb::decision
