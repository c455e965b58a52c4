// SPDX-License-Identifier: Apache-2.0
#include "decision/counterfactual.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/random.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

/// A world where anything may be the winner, and everything has an effect.
TestWorld random_world(base::Random& random) {
  TestWorld w;
  w.numbers();
  for (double& weight : w.policy.weights) weight = weight == 0 ? 0.2 : weight;
  w.at(static_cast<double>(random.below(160)) - 80, static_cast<double>(random.below(360)) - 180, "XX");
  w.facts.where.accuracy_km = static_cast<uint16_t>(random.below(300));
  for (RegionState& state : w.states.of) {
    if (random.below(5) != 0) state.rtt = base::Millis(static_cast<int64_t>(5 + random.below(300)));
    state.in_flight = static_cast<uint32_t>(random.below(80));
    state.error_rate = static_cast<float>(random.below(100)) / 100;
  }
  for (Region& region : *w.regions) {
    region.weight = static_cast<double>(1 + random.below(99));
    region.bias = static_cast<double>(random.below(20));
    if (random.below(5) != 0) region.price = static_cast<double>(random.below(101));
    for (double& number : region.numbers)
      if (random.below(5) != 0) number = static_cast<double>(random.below(101));
    region.max_requests = random.below(2) == 0 ? 0 : 100;
  }
  return w;
}

RegionIndex winner_with(const TestWorld& w, RegionIndex region, const Counterfactual& change, double raw) {
  TestWorld changed = w;
  changed.regions = std::make_shared<Regions>(*w.regions);
  changed.policy.regions = changed.regions;
  terms()[static_cast<size_t>(change.term)]->assume((*changed.regions)[region], changed.states.of[region], w.facts,
                                                    raw);
  return changed.decide().winner;
}

TEST(Counterfactual, EachTermCanTipABalance) {
  base::Random random(4);
  std::array<int, kTerms> seen{};
  for (int round = 0; round < 1500; ++round) {
    TestWorld w = random_world(random);
    for (const Counterfactual& change : counterfactuals(w.policy, w.states, w.facts, w.decide()))
      ++seen[static_cast<size_t>(change.term)];
  }
  for (size_t term = 0; term < kTerms; ++term) EXPECT_GT(seen[term], 50) << term;
}

/// The last of the three digits a change is printed with.
double last_digit(double raw) { return raw == 0 ? 0 : std::pow(10, std::floor(std::log10(std::abs(raw))) - 2); }

RC_GTEST_PROP(Counterfactual, WithTheChangeTheRunnerUpWinsAndWithLessOfItNot, ()) {
  base::Random random(*rc::gen::arbitrary<uint64_t>());
  TestWorld w = random_world(random);
  w.strategy(*rc::gen::elementOf(std::vector<const char*>{"score", "score", "score", "latency", "geographic"}));
  for (size_t t = 0; t < kTerms; ++t) w.policy.weights[t] = *rc::gen::inRange(0, 20) / 10.0;
  const Decision before = w.decide();
  for (const Counterfactual& change : counterfactuals(w.policy, w.states, w.facts, before)) {
    const std::string_view term = label_of(w.policy, static_cast<size_t>(change.term)).name;
    if (winner_with(w, before.runner_up, change, change.needed) != before.runner_up)
      RC_FAIL(fmt::format("{} {} -> {} is not enough", term, change.now, change.needed));
    const double least = (change.needed - change.now) / 100;
    if (!std::isfinite(least) || std::abs(least) <= last_digit(change.needed)) continue;
    if (winner_with(w, before.runner_up, change, change.needed - least) == before.runner_up)
      RC_FAIL(fmt::format("{} {} -> {}: less is enough", term, change.now, change.needed));
  }
}

TEST(Counterfactual, TheFastestIsBeatenByALowerRoundTripAndTheNearestByAShorterWay) {
  TestWorld w;
  w.strategy("latency");
  w.rtt(eu, 20), w.rtt(us, 90), w.rtt(ap, 200);
  auto changes = counterfactuals(w.policy, w.states, w.facts, w.decide());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].term, TermIndex::latency);
  EXPECT_EQ(changes[0].now, 90);
  EXPECT_NEAR(changes[0].needed, 20, 0.2);
  w.strategy("geographic");
  changes = counterfactuals(w.policy, w.states, w.facts, w.decide());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].term, TermIndex::distance);
  EXPECT_NEAR(changes[0].needed, 422, 3);
}

TEST(Counterfactual, WhereAllAreSlowItIsEnoughToBeQuickEnough) {
  TestWorld w;
  for (Region& region : *w.regions) region.max_latency = base::Millis(100);
  w.rtt(eu, 300), w.rtt(us, 400), w.rtt(ap, 500);
  const auto changes = counterfactuals(w.policy, w.states, w.facts, w.decide());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].term, TermIndex::latency);
  EXPECT_EQ(changes[0].needed, 100);
}

TEST(Counterfactual, SaysNothingWhereNoTermDecided) {
  TestWorld w;
  w.facts.preference = {.region = ap, .verdict = Affinity::kept};
  ASSERT_EQ(w.decide().reason, Reason::sticky);
  EXPECT_TRUE(counterfactuals(w.policy, w.states, w.facts, w.decide()).empty());
  w.facts.preference = {};
  w.strategy("weighted");
  EXPECT_TRUE(counterfactuals(w.policy, w.states, w.facts, w.decide()).empty());
  w.strategy("score");
  w.states.of[us].healthy = w.states.of[ap].healthy = false;
  EXPECT_TRUE(counterfactuals(w.policy, w.states, w.facts, w.decide()).empty()) << "no runner-up";
}

}  // namespace
}  // namespace rhumb::decision
