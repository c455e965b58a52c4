// SPDX-License-Identifier: Apache-2.0
#include "decision/counterfactual.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;

// Each change that can be made on the runner-up alone is made, and decide() asked again: the runner-up must win.
TEST(Counterfactual, TheChangeReallyFlipsTheWinner) {
  base::Random random(4);
  int flipped = 0;
  for (int round = 0; round < 2000; ++round) {
    TestWorld w;
    w.policy.weights[static_cast<size_t>(TermIndex::load)] = 0.2;
    w.at(static_cast<double>(random.below(160)) - 80, static_cast<double>(random.below(360)) - 180, "XX");
    for (auto& state : w.states.of)
      state.rtt = base::Millis(static_cast<int64_t>(5 + random.below(300))),
      state.in_flight = static_cast<uint32_t>(random.below(80));
    for (auto& region : *w.regions)
      region.weight = static_cast<double>(1 + random.below(99)), region.bias = static_cast<double>(random.below(20));
    const Decision before = w.decide();
    const std::vector<Counterfactual> changes = counterfactuals(w.policy, w.states, w.facts, before);
    for (const Counterfactual& change : changes) {
      TestWorld changed = w;
      changed.regions = std::make_shared<Regions>(*w.regions);
      changed.policy.regions = changed.regions;
      Region& region = (*changed.regions)[before.runner_up];
      RegionState& state = changed.states.of[before.runner_up];
      switch (change.term) {
        case TermIndex::latency:
          state.rtt = base::Micros(static_cast<int64_t>(change.needed * 1000));
          break;
        case TermIndex::weight:
          region.weight = change.needed;
          break;
        case TermIndex::bias:
          region.bias = change.needed;
          break;
        case TermIndex::load:
          state.in_flight = static_cast<uint32_t>(std::max(0.0, std::floor(change.needed)));
          break;
        default:
          continue;  // a distance cannot be set without moving the region off its bearing
      }
      ++flipped;
      ASSERT_EQ(changed.decide().winner, before.runner_up)
          << terms()[static_cast<size_t>(change.term)]->name << " " << change.now << " -> " << change.needed;
    }
  }
  EXPECT_GT(flipped, 500);
}

TEST(Counterfactual, SaysNothingWhereTheScoreDidNotDecide) {
  TestWorld w;
  w.strategy("geographic");
  EXPECT_TRUE(counterfactuals(w.policy, w.states, w.facts, w.decide()).empty());
}

}  // namespace
}  // namespace rhumb::decision
