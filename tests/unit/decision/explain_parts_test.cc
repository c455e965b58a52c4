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
