// SPDX-License-Identifier: Apache-2.0
#include "decision/explain.h"

#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;

std::string text_of(TestWorld& w) {
  const Decision d = w.decide();
  return explain_text({w.policy, w.states, w.facts, d, "api", "a.example", "/x"});
}

TEST(ExplainText, ShowsEveryRegionItsTermsAndWhatWouldChangeTheWinner) {
  TestWorld w;
  w.states.epoch = 7;
  w.facts.client = *base::IpAddress::parse("192.0.2.7");
  w.facts.where.city = "Berlin";
  w.facts.where.accuracy_km = 20;
  w.rtt(TestWorld::eu, 20), w.rtt(TestWorld::us, 30);
  w.states.of[TestWorld::ap].healthy = false;
  (*w.regions)[TestWorld::us].bias = 20;
  EXPECT_EQ(text_of(w),
            R"(request    a.example/x
route      api
strategy   score
client     192.0.2.7  DE, Berlin, 52.50 13.40 within 20 km  (database)
session    none
states     epoch 7
draw       0000000000000000

region  removed by          distance x0.5         latency x0.4        weight x0.1           bias x1  score
eu      -            422 km  0.970 +0.485  20 ms  0.833 +0.333  100  1.000 +0.100   0  0.000 +0.000  0.918
us      -           6740 km  0.660 +0.330  30 ms  0.769 +0.308  100  1.000 +0.100  20  0.200 +0.200  0.938
ap      unhealthy   9920 km  0.504 +0.252      ?  0.500 +0.200  100  1.000 +0.100   0  0.000 +0.000  0.552

winner     us (best_score: the highest score)
runner-up  eu, 0.020 behind

For eu to win, one of:
  latency of eu 20 ms -> at most 13.3 ms
  bias of eu 0 -> at least 1.97
)");
}

TEST(ExplainText, ARowTellsWhatAnOperatorHasSet) {
  TestWorld w;
  w.states.of[TestWorld::ap].healthy = false;
  const std::string plain = text_of(w);
  w.states.notes = {"", "", "override unhealthy by uid 0 until 2026-01-02T03:04:05Z: works"};
  const std::string text = text_of(w);
  EXPECT_NE(text.find("0.552  override unhealthy by uid 0 until 2026-01-02T03:04:05Z: works\n"), std::string::npos)
      << text;
  EXPECT_EQ(plain.substr(0, plain.find("ap ")), text.substr(0, text.find("ap "))) << "the other rows stay as they are";
}

TEST(ExplainText, SaysThatItIsPanicAndWhatWouldEndIt) {
  TestWorld w;
  for (RegionState& state : w.states.of) state.healthy = false;
  const std::string text = text_of(w);
  EXPECT_NE(text.find("winner     eu (panic: every region looks down, so checks count nothing)\n"), std::string::npos);
  EXPECT_NE(text.find("it would have to pass its checks"), std::string::npos) << text;
}

TEST(ExplainText, WithoutAWinnerSaysWhyNot) {
  TestWorld w;
  for (RegionState& state : w.states.of) set_down(state, true);
  EXPECT_NE(text_of(w).find("winner     none (no_healthy_region: every region is removed)\n"), std::string::npos);
}

TEST(ExplainText, NamesASessionThatIsKeptAndOneThatIsBroken) {
  TestWorld w;
  w.facts.preference = {.region = TestWorld::ap, .verdict = Affinity::kept};
  const std::string kept = text_of(w);
  EXPECT_NE(kept.find("session    kept (ap)\n"), std::string::npos) << kept;
  EXPECT_NE(kept.find("For eu to win, the client would have to come without its session.\n"), std::string::npos)
      << kept;
  w.states.of[TestWorld::ap].healthy = false;
  EXPECT_NE(text_of(w).find("session    unhealthy (ap)\n"), std::string::npos);
  w.facts.preference = {.verdict = Affinity::forged};
  EXPECT_NE(text_of(w).find("session    forged\n"), std::string::npos);
}

TEST(ExplainText, WhereAllAreSlowLatencyHasNoPoints) {
  TestWorld w;
  for (Region& region : *w.regions) region.max_latency = base::Millis(100);
  w.rtt(TestWorld::eu, 300), w.rtt(TestWorld::us, 400), w.rtt(TestWorld::ap, 500);
  const std::string text = text_of(w);
  EXPECT_NE(text.find("latency x0  "), std::string::npos) << text;
  EXPECT_NE(text.find("latency of us 400 ms -> at most 100 ms\n"), std::string::npos) << text;
}

TEST(ExplainText, AClientWithoutAPlaceSaysSo) {
  TestWorld w;
  w.facts.where = {};
  EXPECT_NE(text_of(w).find("client     0.0.0.0  place unknown\n"), std::string::npos);
  w.facts.where.country = geo::Country::of("DE");
  w.facts.where.city = "A\x1b[2J\nB";
  EXPECT_NE(text_of(w).find("DE, A?[2J?B"), std::string::npos) << "nothing from a database steers the terminal";
}

}  // namespace
}  // namespace rhumb::decision
