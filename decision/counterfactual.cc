// SPDX-License-Identifier: Apache-2.0
#include "decision/counterfactual.h"

#include <cmath>
#include <limits>

namespace rhumb::decision {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Case {
  const Policy& policy;
  const RegionStates& states;
  const RequestFacts& facts;
  const Decision& decision;
};

TermInput input_of(const Case& c, RegionIndex region) {
  return {(*c.policy.regions)[region], c.states.of[region], c.facts, c.policy};
}

/// What would make up for the winner's lead in the score by this term alone.
double solved_score(const Case& c, size_t term) {
  const Candidate& winner = c.decision.candidates[c.decision.winner];
  const Candidate& second = c.decision.candidates[c.decision.runner_up];
  const double weight = c.policy.weights[term];
  if (!(weight > 0)) return kNone;
  const double value = second.values[term] + (double{winner.score} - second.score) / weight;
  return terms()[term]->raw_for(input_of(c, c.decision.runner_up), value);
}

double solved(const Case& c, size_t term) {
  const auto is = [&](TermIndex index) { return term == static_cast<size_t>(index); };
  switch (c.decision.reason) {
    case Reason::best_score:
      return solved_score(c, term);
    case Reason::fastest:
      return is(TermIndex::latency) ? terms()[term]->raw(input_of(c, c.decision.winner)) : kNone;
    case Reason::nearest:
      return is(TermIndex::distance) ? terms()[term]->raw(input_of(c, c.decision.winner)) : kNone;
    case Reason::all_slow:  // as soon as one is quick enough, it is the only candidate
      if (!is(TermIndex::latency)) return kNone;
      return static_cast<double>((*c.policy.regions)[c.decision.runner_up].max_latency.count()) / 1000;
    default:
      return kNone;
  }
}

/// The last of three significant digits.
double digit(double raw) { return raw == 0 ? 0 : std::pow(10, std::floor(std::log10(std::abs(raw))) - 2); }

/// Three significant digits.
double rounded(double raw, bool down) {
  if (raw == 0) return 0;
  const double step = digit(raw);
  return (down ? std::floor(raw / step) : std::ceil(raw / step)) * step;
}

bool wins_with(const Case& c, size_t term, double raw) {
  const RegionIndex second = c.decision.runner_up;
  const auto regions = std::make_shared<Regions>(*c.policy.regions);
  RegionStates states = c.states;
  terms()[term]->assume((*regions)[second], states.of[second], c.facts, raw);
  Policy policy = c.policy;
  policy.regions = regions;
  std::vector<Candidate> rows(regions->size());
  return decide(policy, states, c.facts, c.decision.draw, rows).winner == second;
}

/// The rounded solution may be a tie, which the lower index wins; then the next one is tried.
double sure_to_win(const Case& c, size_t term, double raw) {
  constexpr int kTries = 3;
  const bool down = label_of(c.policy, term).lower_wins;
  double tried = rounded(raw, down);
  for (int i = 0; i < kTries && std::isfinite(tried) && (!down || tried >= 0); ++i) {
    if (wins_with(c, term, tried)) return tried;
    const double step = std::max(1e-3, std::abs(tried) * 5e-3);
    tried = rounded(down ? tried - step : tried + step, down);
  }
  return kNone;
}

/// Between what is and what is sure to win lies what just wins: halved until its three digits are certain. `now` that
/// is not known is no end to begin at.
double smallest(const Case& c, size_t term, double now, double sure) {
  constexpr int kHalvings = 60;
  if (!std::isfinite(now)) return sure;
  double loses = now, wins = sure;
  for (int i = 0; i < kHalvings && std::abs(wins - loses) > std::abs(wins) * 1e-6; ++i) {
    const double middle = loses + (wins - loses) / 2;
    (wins_with(c, term, middle) ? wins : loses) = middle;
  }
  const bool down = label_of(c.policy, term).lower_wins;
  for (const double tried : {rounded(wins, !down), rounded(wins, down)})
    if (wins_with(c, term, tried)) return tried;
  return sure;
}

}  // namespace

std::vector<Counterfactual> counterfactuals(const Policy& policy, const RegionStates& states, const RequestFacts& facts,
                                            const Decision& decision) {
  std::vector<Counterfactual> out;
  if (decision.winner == kNoRegion || decision.runner_up == kNoRegion) return out;
  const Case c{policy, states, facts, decision};
  for (size_t term = 0; term < term_count(policy); ++term) {
    const double needed = solved(c, term);
    if (!std::isfinite(needed)) continue;
    const double sure = sure_to_win(c, term, needed);
    if (!std::isfinite(sure)) continue;
    const double now = terms()[term]->raw(input_of(c, decision.runner_up));
    out.push_back({static_cast<TermIndex>(term), now, smallest(c, term, now, sure)});
  }
  return out;
}

}  // namespace rhumb::decision
