// SPDX-License-Identifier: Apache-2.0
#include "decision/explain_parts.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

TEST(ExplainParts, QuantitiesReadAsPeopleWriteThem) {
  const Policy policy;
  const TermLabel km = label_of(policy, static_cast<size_t>(TermIndex::distance));
  const TermLabel weight = label_of(policy, static_cast<size_t>(TermIndex::weight));
  EXPECT_EQ(quantity(km, 6168.4), "6168 km");
  EXPECT_EQ(quantity(km, 12.34), "12.3 km");
  EXPECT_EQ(quantity(weight, 50), "50");
  EXPECT_EQ(quantity(km, std::numeric_limits<double>::quiet_NaN()), "?");
  EXPECT_EQ(exact_quantity(km, 12.34), "12.34 km");
}

TEST(ExplainParts, EveryReasonHasItsOwnMeaning) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < static_cast<size_t>(Reason::kCount); ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_FALSE(meaning(reason).empty()) << name(reason);
    EXPECT_TRUE(seen.insert(meaning(reason)).second) << name(reason);
  }
}

TEST(ExplainParts, WeightsAddUpToTheScoreWhenAllAreSlowWhateverTheReason) {
  testing::TestWorld w;
  for (RegionIndex r = 0; r < 3; ++r) (*w.regions)[r].max_latency = base::Millis(10), w.rtt(r, 50);
  w.facts.preference = {.region = testing::TestWorld::us, .verdict = Affinity::kept};
  const Decision d = w.decide();
  ASSERT_EQ(d.reason, Reason::sticky);
  const ExplainInput in{w.policy, w.states, w.facts, d, "", "", ""};
  double sum = 0;
  for (size_t term = 0; term < term_count(w.policy); ++term)
    sum += weight_of(in, term) * double{d.candidates[d.winner].values[term]};
  EXPECT_NEAR(sum, double{d.candidates[d.winner].score}, 1e-6);
}

TEST(ExplainParts, ARegionThatIsNoneHasNoName) {
  testing::TestWorld w;
  const Decision d = w.decide();
  const ExplainInput in{w.policy, w.states, w.facts, d, "", "", ""};
  EXPECT_EQ(region_name(in, testing::TestWorld::us), "us");
  EXPECT_EQ(region_name(in, kNoRegion), "");
  EXPECT_EQ(region_name(in, 17), "");
}

}  // namespace
}  // namespace rhumb::decision
