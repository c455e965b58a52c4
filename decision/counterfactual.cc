// SPDX-License-Identifier: Apache-2.0
#include "decision/counterfactual.h"

#include <cmath>

namespace rhumb::decision {
namespace {

constexpr double kEdge = 1e-5;  // a little more than a tie, so that it is a win also in the scores' precision

}  // namespace

std::vector<Counterfactual> counterfactuals(const Policy& policy, const RegionStates& states, const RequestFacts& facts,
                                            const Decision& decision) {
  std::vector<Counterfactual> out;
  if (decision.reason != Reason::best_score || decision.runner_up == kNoRegion) return out;
  const Candidate& second = decision.candidates[decision.runner_up];
  const double gap =
      static_cast<double>(decision.candidates[decision.winner].score) - static_cast<double>(second.score) + kEdge;
  const TermInput input{(*policy.regions)[decision.runner_up], states.of[decision.runner_up], facts, policy.max_weight};
  for (size_t t = 0; t < kTerms; ++t) {
    if (!(policy.weights[t] > 0)) continue;
    const double needed = terms()[t]->raw_for(input, static_cast<double>(second.values[t]) + gap / policy.weights[t]);
    if (std::isfinite(needed)) out.push_back({static_cast<TermIndex>(t), terms()[t]->raw(input), needed});
  }
  return out;
}

}  // namespace rhumb::decision
