// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_ways.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "decision/policies.h"
#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

using testing::listening_spec;
using testing::three_regions;

decision::Policy policy_of(const std::string& text) {
  return decision::compile_policies(listening_spec(text)).routes.at(0).policy;
}

std::string with_strategy(const std::string& name) { return "routes: [{name: web, strategy: " + name + "}]\n"; }

decision::RequestFacts in_berlin() {
  decision::RequestFacts facts;
  facts.where.point = {52.5, 13.4};
  facts.where.has_point = true;
  return facts;
}

/// Winners over all ways, and over many draws of the gateway's own.
std::set<int> by_ways(const decision::Policy& policy, uint64_t down) {
  Decider decider;
  std::set<int> winners;
  for (Way& way : ways_of(policy)) winners.insert(decider.winner(way, in_berlin(), down));
  return winners;
}
std::set<int> by_draws(const decision::Policy& policy, uint64_t down) {
  Decider decider;
  auto states = decision::unmeasured(*policy.regions);
  std::set<int> winners;
  for (uint64_t i = 0; i < 1500; ++i)
    winners.insert(decider.decide(policy, states, in_berlin(), base::mix64(i), down).winner);
  return winners;
}

TEST(VerifyWays, ReachWhateverDrawsReach) {
  for (const char* strategy : {"score", "latency", "geographic", "weighted", "round_robin", "priority"}) {
    for (const std::string& regions :
         {three_regions(), three_regions(", weight: 0, priority: 2", ", weight: 7"),
          three_regions(", weight: 0", ", weight: 0", ", weight: 0"),
          three_regions(", dial: 50%, backup: [ap]", ", priority: 2", ", dial: 0%"),
          three_regions(", dial: 30%", ", dial: 60%, backup: [ap]", ", dial: 90%, weight: 3")}) {
      const auto policy = policy_of(regions + with_strategy(strategy));
      for (uint64_t down = 0; down < 8; ++down)
        EXPECT_EQ(by_ways(policy, down), by_draws(policy, down)) << strategy << " " << down << "\n" << regions;
    }
  }
}

TEST(VerifyWays, AreOneWhereNothingIsDrawn) {
  const auto plain = policy_of(three_regions());
  EXPECT_FALSE(is_drawn(plain));
  EXPECT_EQ(ways_of(plain).size(), 1u);
  EXPECT_TRUE(is_drawn(policy_of(three_regions() + with_strategy("weighted"))));
  EXPECT_TRUE(is_drawn(policy_of(three_regions(", dial: 50%"))));
  EXPECT_FALSE(is_drawn(policy_of(three_regions(", dial: 0%"))));
}

TEST(VerifyWays, StayFewWithManyDials) {
  std::string regions = "regions:\n";
  for (int i = 0; i < 20; ++i) regions += testing::region_line("r" + std::to_string(i), i, i, ", dial: 50%");
  const auto ways = ways_of(policy_of(regions));
  EXPECT_EQ(ways.size(), 1u + 20 + 190 + 1);
  for (const auto& state : ways.front().states.of) EXPECT_EQ(state.dial, 1);
  for (const auto& state : ways.back().states.of) EXPECT_EQ(state.dial, 0);
}

}  // namespace
}  // namespace rhumb::foresight
