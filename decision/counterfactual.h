// SPDX-License-Identifier: Apache-2.0
// What one change would make the runner-up win: for each term that counts, the raw quantity of the runner-up that
// closes the gap. Pure.
#pragma once
#include <vector>

#include "decision/decide.h"

namespace rhumb::decision {

struct Counterfactual {
  TermIndex term;
  double now, needed;  // raw, in the term's unit; now may be NaN (not known)
};

/// Empty unless the strategy is score and both stand. Each is checked by summing again with that one change.
std::vector<Counterfactual> counterfactuals(const Policy& policy, const RegionStates& states, const RequestFacts& facts,
                                            const Decision& decision);

}  // namespace rhumb::decision
