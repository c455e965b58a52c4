// SPDX-License-Identifier: Apache-2.0
// What one change would make the runner-up win: for each term that decides, the raw quantity the runner-up would need.
// Pure; allocates; any thread.
#pragma once
#include <vector>

#include "decision/decide.h"

namespace rhumb::decision {

struct Counterfactual {
  TermIndex term;
  double now = 0;     // raw, in the term's unit; NaN: not known
  double needed = 0;  // three significant digits; at most this where TermLabel::lower_wins, else at least
};

/// Solved per term and then tried: each is checked by deciding again with that one change, so all are true as they are
/// printed, and no smaller change of three digits would do, where the quantity is known now. Empty when no term decided
/// (a session, the country table, a backup, a draw) or there is no runner-up.
std::vector<Counterfactual> counterfactuals(const Policy& policy, const RegionStates& states, const RequestFacts& facts,
                                            const Decision& decision);

}  // namespace rhumb::decision
