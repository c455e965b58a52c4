// SPDX-License-Identifier: Apache-2.0
#include "decision/term.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

TEST(Terms, StandInTheOrderOfTheList) {
  ASSERT_EQ(terms().size(), kTerms);
  EXPECT_EQ(terms()[static_cast<size_t>(TermIndex::distance)]->name, "distance");
  EXPECT_EQ(terms()[static_cast<size_t>(TermIndex::load)]->name, "load");
}

TEST(Terms, RawForIsTheInverseOfValue) {
  base::Random random(2);
  testing::TestWorld w;
  for (int round = 0; round < 500; ++round) {
    Region& region = (*w.regions)[0];
    RegionState& state = w.states.of[0];
    region.weight = static_cast<double>(random.below(101));
    region.bias = static_cast<double>(random.below(199)) - 99;
    region.max_requests = random.below(2) == 0 ? 0 : 100;
    state.rtt = base::Millis(static_cast<int64_t>(1 + random.below(900)));
    state.in_flight = static_cast<uint32_t>(random.below(100));
    w.facts.where.accuracy_km = static_cast<uint16_t>(random.below(500));
    const TermInput input{region, state, w.facts, 100};
    for (const TermType* term : terms()) {
      const double raw = term->raw(input), back = term->raw_for(input, term->value(input));
      ASSERT_NEAR(back, raw, 1e-6 * std::max(1.0, std::fabs(raw))) << term->name;
    }
  }
}

TEST(Terms, AreFoundByName) {
  TermIndex index = TermIndex::kCount;
  EXPECT_EQ(find_term("latency", index), &latency_term);
  EXPECT_EQ(index, TermIndex::latency);
  EXPECT_EQ(find_term("price", index), nullptr);
  EXPECT_EQ(index, TermIndex::latency);
}

TEST(Terms, AssumedRawQuantitiesAreReadBack) {
  base::Random random(3);
  testing::TestWorld w;
  for (int round = 0; round < 300; ++round) {
    w.at(static_cast<double>(random.below(180)) - 90, static_cast<double>(random.below(360)) - 180, "XX");
    const double wanted = static_cast<double>(1 + random.below(98));
    for (const TermType* term : terms()) {
      const double raw = term == &distance_term ? wanted * 200 : wanted;
      term->assume((*w.regions)[0], w.states.of[0], w.facts, raw);
      ASSERT_NEAR(term->raw({(*w.regions)[0], w.states.of[0], w.facts, 100}), raw, 0.01) << term->name;
    }
  }
}

}  // namespace
}  // namespace rhumb::decision
