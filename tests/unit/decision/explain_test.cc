// SPDX-License-Identifier: Apache-2.0
#include "decision/explain.h"

#include <gtest/gtest.h>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;

TEST(Explain, TextNamesWinnerRunnerUpMarginAndWhatWouldChangeIt) {
  TestWorld w;
  w.rtt(TestWorld::eu, 20), w.rtt(TestWorld::us, 90), w.rtt(TestWorld::ap, 200);
  w.states.of[TestWorld::ap].healthy = false;
  const Decision d = w.decide();
  const std::string text = explain_text({w.policy, w.states, w.facts, d, "api", "a.example", "/x"});
  for (const char* part : {"route: api (a.example/x), strategy score", "DE 52.50 13.40", "winner: eu (best_score)",
                           "runner-up: us, behind by ", "unhealthy",
                           "us would win if, all else equal:", "its latency were ", "its bias were "})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(Explain, JsonCarriesEveryCandidatesTerms) {
  TestWorld w;
  (*w.regions)[1].name = "u\"s";
  const Decision d = w.decide();
  const std::string text = explain_json({w.policy, w.states, w.facts, d, "api", "h", "/"});
  for (const char* part :
       {"\"winner\":\"eu\"", "\"runner_up\":\"u\\\"s\"", "\"reason\":\"best_score\"",
        "\"distance\":{\"raw\":", "\"unit\":\"km\"", "\"latency\":{\"raw\":null", "\"runner_up_would_win_if\":[{"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(Explain, NobodyWinning) {
  TestWorld w;
  for (auto& state : w.states.of) state.healthy = false;
  const Decision d = w.decide();
  EXPECT_NE(explain_text({w.policy, w.states, w.facts, d, "", "", ""}).find("winner: none (no_healthy_region)"),
            std::string::npos);
  EXPECT_NE(explain_json({w.policy, w.states, w.facts, d, "", "", ""}).find("\"winner\":null"), std::string::npos);
}

}  // namespace
}  // namespace rhumb::decision
