// SPDX-License-Identifier: Apache-2.0
#include "decision/number.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "decision/explain.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

constexpr size_t kCarbon = kBuiltInTerms;

double carbon_of(TestWorld& w, RegionIndex r) { return testing::value(static_cast<TermIndex>(kCarbon), w, r); }

TEST(Number, IsOneHalfAtItsHalfAndZeroAtItsMax) {
  const NumberTerm half{"a", "", Normaliser::half, 300, true}, max{"b", "", Normaliser::max, 500, true};
  EXPECT_DOUBLE_EQ(normalised(half, 300), 0.5);
  EXPECT_DOUBLE_EQ(normalised(half, 0), 1);
  EXPECT_DOUBLE_EQ(normalised(max, 125), 0.75);
  EXPECT_DOUBLE_EQ(normalised(max, 9000), 0);
  NumberTerm higher = half;
  higher.lower_wins = false;
  EXPECT_DOUBLE_EQ(normalised(higher, 900), 0.75);
  EXPECT_DOUBLE_EQ(normalised(higher, kUnknown), kNeutral);
}

TEST(Number, HasAValueBetweenZeroAndOneThatOnlyEverFallsOrRises) {
  base::Random random(5);
  for (int round = 0; round < 2000; ++round) {
    const NumberTerm term{"a", "", random.below(2) == 0 ? Normaliser::half : Normaliser::max,
                          std::pow(10, static_cast<double>(random.below(15)) - 3), random.below(2) == 0};
    const double low = std::pow(10, static_cast<double>(random.below(18)) - 5) * static_cast<double>(random.below(9));
    const double high = low * (1 + static_cast<double>(random.below(100)) / 10);
    const double a = normalised(term, low), b = normalised(term, high);
    ASSERT_TRUE(a >= 0 && a <= 1 && b >= 0 && b <= 1) << a << " " << b;
    ASSERT_TRUE(term.lower_wins ? b <= a : b >= a) << low << " " << high;
    const double back = number_of(term, a);
    const bool clamped = term.normaliser == Normaliser::max ? low >= term.scale : low > term.scale * 1e6;
    if (clamped || low <= term.scale * 1e-6) continue;
    ASSERT_NEAR(back, low, low * 1e-6);
  }
}

TEST(Number, OfNoSuchValueIsUnknown) {
  const NumberTerm half{"a", "", Normaliser::half, 300, true};
  EXPECT_TRUE(std::isnan(number_of(half, 0)));
  EXPECT_TRUE(std::isnan(number_of(half, 1.1)));
  EXPECT_TRUE(std::isnan(number_of(half, -0.1)));
}

TEST(Number, IsWhatTheRegionAnnouncesElseWhatTheFileSays) {
  TestWorld w;
  w.policy.numbers = {{"carbon", "g", Normaliser::half, 300, true}};
  EXPECT_DOUBLE_EQ(carbon_of(w, eu), kNeutral);
  (*w.regions)[eu].numbers[0] = 100;
  EXPECT_DOUBLE_EQ(carbon_of(w, eu), 0.75);
  w.states.of[eu].numbers[0] = 900;
  EXPECT_DOUBLE_EQ(carbon_of(w, eu), 0.25);
}

TEST(Number, MovesTheWinnerAndIsToldOfUnderItsNameAndUnit) {
  TestWorld w;
  w.policy.numbers = {{"carbon", "g", Normaliser::half, 300, true}};
  (*w.regions)[eu].numbers[0] = 2700, (*w.regions)[us].numbers[0] = 30;
  w.states.of[ap].healthy = false;
  EXPECT_EQ(w.decide().winner, eu);
  w.policy.weights[kCarbon] = 1;
  const Decision made = w.decide();
  EXPECT_EQ(made.winner, us);
  const ExplainInput in{w.policy, w.states, w.facts, made, "", "", ""};
  const std::string text = explain_text(in), json = explain_json(in);
  EXPECT_NE(text.find("carbon x1"), std::string::npos) << text;
  EXPECT_NE(text.find("2700 g  0.100 +0.100"), std::string::npos) << text;
  EXPECT_NE(text.find("carbon of eu 2700 g -> at most "), std::string::npos) << text;
  EXPECT_NE(json.find(R"("carbon":{"raw":2700,"unit":"g","value":0.1,"weight":1,"points":0.1})"), std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"term":"carbon","unit":"g","now":2700,)"), std::string::npos) << json;
}

TEST(Number, IsFoundByItsNameInThePolicyThatHasIt) {
  TestWorld w;
  EXPECT_EQ(find_term(w.policy, "carbon"), kTerms);
  EXPECT_EQ(term_count(w.policy), kBuiltInTerms);
  w.policy.numbers = {{"carbon", "g", Normaliser::half, 300, false}};
  EXPECT_EQ(find_term(w.policy, "carbon"), kCarbon);
  EXPECT_EQ(term_count(w.policy), kBuiltInTerms + 1);
  EXPECT_EQ(label_of(w.policy, kCarbon).unit, "g");
  EXPECT_FALSE(label_of(w.policy, kCarbon).lower_wins);
}

}  // namespace
}  // namespace rhumb::decision
