// SPDX-License-Identifier: Apache-2.0
// How the draw of a decision can fall. Each way fixes everything that depends on it: who is inside its dial, and, for
// strategies that draw, who is drawn first. Together they reach every region that some draw reaches. One thread.
#pragma once
#include <vector>

#include "decision/decide.h"

namespace rhumb::foresight {

struct Way {
  decision::Policy policy;
  decision::RegionStates states;
  uint64_t draw = 0;
};

/// Never empty; of the first one everybody is inside their dial. Nothing is measured, except for the strategy latency,
/// of which any region may be the fastest. Dials between 0 and 100 %: all that can come of up to six of them; of more:
/// none, one, two or all of them outside.
std::vector<Way> ways_of(const decision::Policy& policy);

/// Whether decisions of this policy depend on the draw.
bool is_drawn(const decision::Policy& policy);

/// Decides again and again with regions down, in storage of its own.
class Decider {
 public:
  decision::Decision decide(const decision::Policy& policy, decision::RegionStates& states,
                            const decision::RequestFacts& facts, uint64_t draw, uint64_t down);
  decision::RegionIndex winner(Way& way, const decision::RequestFacts& facts, uint64_t down) {
    return decide(way.policy, way.states, facts, way.draw, down).winner;
  }

 private:
  std::vector<decision::Candidate> rows_;
};

}  // namespace rhumb::foresight
