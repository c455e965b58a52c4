// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "decision/explain.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;

std::string json_of(TestWorld& w, std::string_view host = "a.example") {
  const Decision d = w.decide(0xab);
  return explain_json({w.policy, w.states, w.facts, d, "api", host, "/x"});
}

void expect_parts(const std::string& json, std::initializer_list<const char*> parts) {
  for (const char* part : parts) EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
}

TEST(ExplainJson, CarriesWinnerRunnerUpMarginAndEveryCandidatesTerms) {
  TestWorld w;
  w.states.epoch = 7;
  w.rtt(TestWorld::eu, 25);
  w.states.of[TestWorld::ap].healthy = false;
  expect_parts(json_of(w), {R"("route":"api","host":"a.example","path":"/x","strategy":"score")", R"("states_epoch":7)",
                            R"("draw":"00000000000000ab")", R"("affinity":"none","preferred":null)",
                            R"("winner":"eu","runner_up":"us","reason":"best_score","margin":0.27)",
                            R"({"region":"eu","removed":null,"note":null,"score":0.909)",
                            R"({"region":"ap","removed":"unhealthy",)",
                            R"("latency":{"raw":25,"unit":"ms","value":0.8,"weight":0.4,"points":0.32})",
                            R"("latency":{"raw":null,"unit":"ms","value":0.5,"weight":0.4,"points":0.2})"});
}

TEST(ExplainJson, SaysWhatWouldMakeTheRunnerUpWin) {
  TestWorld w;
  w.policy.weights[static_cast<size_t>(TermIndex::distance)] = 0.1;
  w.rtt(TestWorld::eu, 25), w.rtt(TestWorld::us, 30), w.rtt(TestWorld::ap, 80);
  expect_parts(json_of(w),
               {R"("runner_up_would_win_if":[{"term":"latency","unit":"ms","now":30,"needed":)",
                R"("bound":"at_most"})", R"({"term":"bias","unit":"","now":0,"needed":)", R"("bound":"at_least"})"});
}

TEST(ExplainJson, EscapesWhatOthersWrote) {
  TestWorld w;
  (*w.regions)[TestWorld::us].name = "u\"s";
  w.facts.where.city = "a\nb";
  expect_parts(json_of(w, "h\\"), {R"("runner_up":"u\"s")", R"("city":"a\u000ab")", R"("host":"h\\")"});
}

TEST(ExplainJson, HasNullsWhereThereIsNothing) {
  TestWorld w;
  w.facts.where = {};
  for (RegionState& state : w.states.of) set_down(state, true);
  const std::string json = json_of(w, "");
  expect_parts(json,
               {R"("host":null)", R"("country":null,"city":null,"accuracy_km":0,"source":"none")",
                R"("winner":null,"runner_up":null,"reason":"no_healthy_region","margin":null)",
                R"("tenant":null,"denied":null,)", R"("distance":{"raw":null)", R"("runner_up_would_win_if":[]})"});
  EXPECT_EQ(json.find(":nan"), std::string::npos);
}

}  // namespace
}  // namespace rhumb::decision
