// SPDX-License-Identifier: Apache-2.0
#include "decision/term.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "config/load.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

TEST(Terms, StandInTheOrderOfTheList) {
  ASSERT_EQ(terms().size(), kTerms);
  EXPECT_EQ(terms()[static_cast<size_t>(TermIndex::distance)]->name, "distance");
  EXPECT_EQ(terms()[static_cast<size_t>(TermIndex::load)]->name, "load");
}

// What the file may weigh is made of the list the terms are made of: nothing else names them.
TEST(Terms, AreWhatTheFileMayWeigh) {
  const config::Loaded loaded = config::load_text(
      "listeners: [{name: web, address: \"127.0.0.1:0\"}]\nregions: [{name: a, location: {latitude: 1, "
      "longitude: 2}, endpoints: [\"127.0.0.1:1\"]}]\n",
      "test.yaml");
  ASSERT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  const auto& score = loaded.spec.routes.at(0).score;
  ASSERT_EQ(score.size(), kBuiltInTerms);
  for (size_t t = 0; t < kBuiltInTerms; ++t) {
    EXPECT_EQ(score[t].first, terms()[t]->name);
    EXPECT_EQ(score[t].second, kDefaultWeights[t]) << terms()[t]->name;
  }
}

TEST(Terms, RawForIsTheInverseOfValue) {
  base::Random random(2);
  testing::TestWorld w;
  w.numbers();
  for (int round = 0; round < 500; ++round) {
    Region& region = (*w.regions)[0];
    RegionState& state = w.states.of[0];
    region.weight = static_cast<double>(random.below(101));
    region.bias = static_cast<double>(random.below(199)) - 99;
    region.max_requests = random.below(2) == 0 ? 0 : 100;
    state.rtt = base::Millis(static_cast<int64_t>(1 + random.below(900)));
    state.in_flight = static_cast<uint32_t>(random.below(100));
    state.error_rate = static_cast<float>(random.below(101)) / 100;
    region.price = static_cast<double>(random.below(101));
    for (double& number : region.numbers) number = static_cast<double>(random.below(101));
    w.facts.where.accuracy_km = static_cast<uint16_t>(random.below(500));
    const TermInput input{region, state, w.facts, w.policy};
    for (const TermType* term : terms()) {
      const double raw = term->raw(input), back = term->raw_for(input, term->value(input));
      ASSERT_NEAR(back, raw, 1e-6 * std::max(1.0, std::fabs(raw))) << term->name << " " << term->unit;
    }
  }
}

TEST(Terms, AreFoundByName) {
  const Policy policy;
  EXPECT_EQ(find_term(policy, "latency"), static_cast<size_t>(TermIndex::latency));
  EXPECT_EQ(terms()[find_term(policy, "price")], &price_term);
  EXPECT_EQ(find_term(policy, "prize"), kTerms);
}

TEST(Terms, AssumedRawQuantitiesAreReadBack) {
  base::Random random(3);
  testing::TestWorld w;
  w.numbers();
  for (int round = 0; round < 300; ++round) {
    w.at(static_cast<double>(random.below(180)) - 90, static_cast<double>(random.below(360)) - 180, "XX");
    const double wanted = static_cast<double>(1 + random.below(98));
    for (const TermType* term : terms()) {
      const double raw = term == &distance_term ? wanted * 200 : wanted;
      term->assume((*w.regions)[0], w.states.of[0], w.facts, raw);
      ASSERT_NEAR(term->raw({(*w.regions)[0], w.states.of[0], w.facts, w.policy}), raw, 0.01) << term->name;
    }
  }
}

}  // namespace
}  // namespace rhumb::decision
