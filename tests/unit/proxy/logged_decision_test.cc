// SPDX-License-Identifier: Apache-2.0
#include "proxy/logged_decision.h"

#include <gtest/gtest.h>

namespace rhumb::proxy {
namespace {

/// As proxy/access_format.cc writes it.
LogLine logged_line() {
  return LogLine::parse(R"({"time":"2026-01-02T03:04:05.678Z","id":"abc","client":"192.0.2.7","peer":"10.0.0.1",
    "listener":"web","method":"GET","host":"shop.example","path":"/v1/x","status":200,"outcome":"answered","route":"api",
    "region":"eu","endpoint":"10.1.0.1:80","runner_up":"us","reason":"best_score","affinity":"none",
    "terms":{"eu":{"score":0.918,"distance":0.970,"latency":0.833},
             "us":{"score":0.690,"distance":0.660,"latency":0.769},
             "ap":{"score":0.700,"distance":0.500,"latency":0.500,"removed":"draining"}},
    "geo":{"country":"DE","source":"database","latitude":52.5,"longitude":13.4,"accuracy_km":20},
    "retries":1,"bytes_in":3,"bytes_out":5,"upstream_ms":1.25,"total_ms":1.500,"own_us":80,
    "flags":{"fault":"connect_refused","detail":"no\u001b[2J"}})");
}

LogLine candidate_now(const char* region, double distance, double latency) {
  return {{"region", region},
          {"removed", nullptr},
          {"terms", {{"distance", {{"value", distance}}}, {"latency", {{"value", latency}}}}}};
}

/// As decision/explain_json.cc does; the terms are those of logged_line().
LogLine decided_now() {
  LogLine answer{{"route", "api"}, {"winner", "eu"}, {"reason", "best_score"}};
  answer["candidates"] = LogLine::array(
      {candidate_now("eu", 0.97049, 0.83251), candidate_now("us", 0.66, 0.769), candidate_now("ap", 0.5, 0.5)});
  answer["candidates"][2]["removed"] = "draining";
  return answer;
}

TEST(LoggedDecision, TellsWhatWasAskedDecidedAndHowItEnded) {
  EXPECT_EQ(logged_text(logged_line()),
            R"(logged     2026-01-02T03:04:05.678Z  id abc
request    GET shop.example/v1/x
route      api
client     192.0.2.7  DE, 52.50 13.40 within 20 km  (database), by way of 10.0.0.1
session    none

region  distance  latency  score  removed by
eu         0.970    0.833  0.918  -
us         0.660    0.769  0.690  -
ap         0.500    0.500  0.700  draining

winner     eu (best_score: the highest score)
runner-up  us, 0.228 behind
endpoint   10.1.0.1:80
ended      200, answered; retries 1; 3 bytes in, 5 out; 1.5 ms in all, 1.25 of them for the region, 80 us the gateway's own
trouble    fault connect_refused, detail no?[2J
)");
}

TEST(LoggedDecision, ALineWithoutADecisionSaysSo) {
  const LogLine refused = LogLine::parse(R"({"time":"t","id":"abc","client":"192.0.2.7","peer":"192.0.2.7",
    "method":"","host":"","path":"","status":400,"outcome":"answered","route":"","geo":{"country":"","source":"none"},
    "retries":0,"bytes_in":0,"bytes_out":0,"total_ms":0.1,"own_us":9,"flags":{"fault":"bad_request"}})");
  const std::string text = logged_text(refused);
  EXPECT_NE(text.find("client     192.0.2.7  place unknown  (none)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("winner     none: it was answered before a region was chosen\n"), std::string::npos) << text;
  EXPECT_NE(text.find("trouble    fault bad_request\n"), std::string::npos) << text;
  ASSERT_FALSE(question_of(refused).has_value());
  EXPECT_EQ(question_of(refused).error(), "nothing was decided");
}

TEST(LoggedDecision, AnyObjectCanBeTold) {
  for (const char* odd : {"{}", R"({"id":1,"terms":[1,{"a":2}],"reason":"what","geo":7,"flags":"x"})",
                          R"({"reason":"best_score","terms":{"eu":3,"us":{"score":"high"}},"region":5})"}) {
    EXPECT_NE(logged_text(LogLine::parse(odd)).find("winner     "), std::string::npos) << odd;
    EXPECT_FALSE(question_of(LogLine::parse(odd)).has_value()) << odd;
    EXPECT_NE(compare(LogLine::parse(odd), decided_now()).text, "") << odd;
  }
}

TEST(LoggedDecision, TheQuestionIsTheRequestOfTheLine) {
  LogLine asked = logged_line();
  asked["query"] = "a=b";
  const auto question = question_of(asked);
  ASSERT_TRUE(question.has_value()) << question.error();
  EXPECT_EQ(question->ip, "192.0.2.7");
  EXPECT_EQ(question->host, "shop.example");
  EXPECT_EQ(question->path, "/v1/x?a=b");
  EXPECT_EQ(question->method, "GET");
}

TEST(LoggedDecision, ATenantIsToldAndAskedFor) {
  EXPECT_EQ(question_of(logged_line())->tenant, "");
  LogLine asked = logged_line();
  asked["tenant"] = "acme";
  EXPECT_EQ(question_of(asked)->tenant, "acme");
  EXPECT_NE(logged_text(asked).find("\ntenant     acme\nsession "), std::string::npos) << logged_text(asked);
}

TEST(LoggedDecision, ANetworkIsNobodyToAskFor) {
  for (const char* network : {"192.0.2.0", "2001:db8:1::"}) {
    LogLine cut = logged_line();
    cut["client"] = network;
    ASSERT_FALSE(question_of(cut).has_value()) << network;
    EXPECT_NE(question_of(cut).error().find("truncate_addresses"), std::string::npos);
  }
  LogLine whole = logged_line();
  whole["client"] = "2001:db8:1::1";
  EXPECT_TRUE(question_of(whole).has_value());
}

TEST(LoggedDecision, WhatTheLogRoundsIsNoDifference) {
  const Comparison same = compare(logged_line(), decided_now());
  EXPECT_TRUE(same.same);
  EXPECT_EQ(same.text, "The verdict is the same: eu (best_score). No term differs.");
}

TEST(LoggedDecision, WhatDoesNotCountIsNoDifference) {
  LogLine other = decided_now();
  other["candidates"][0]["terms"]["latency"] = {{"value", 0.1}, {"weight", 0}};
  EXPECT_EQ(compare(logged_line(), other).text, "The verdict is the same: eu (best_score). No term differs.");
}

TEST(LoggedDecision, WhatDiffersIsTold) {
  LogLine other = decided_now();
  other["winner"] = "us", other["reason"] = "only_candidate";
  other["candidates"][0]["removed"] = "unhealthy";
  other["candidates"][0]["terms"]["latency"]["value"] = 0.25;
  other["candidates"][1]["terms"]["distance"]["value"] = 0.6615;
  other["candidates"][2]["region"] = "sa";
  const Comparison compared = compare(logged_line(), other);
  EXPECT_FALSE(compared.same);
  EXPECT_EQ(
      compared.text,
      "The verdict is another: us (only_candidate) instead of eu (best_score). What differs: sa was no region "
      "then, ap is no region any more, eu removed by - -> unhealthy, latency of eu 0.833 -> 0.250, distance of us "
      "0.660 -> 0.661.");
}

TEST(LoggedDecision, ManyDifferencesAreCounted) {
  LogLine other = decided_now();
  for (int i = 0; i < 20; ++i) other["candidates"].push_back(candidate_now(("r" + std::to_string(i)).c_str(), 0, 0));
  EXPECT_NE(compare(logged_line(), other).text.find(", and 12 more."), std::string::npos);
}

TEST(LoggedDecision, NobodyBothTimesIsTheSame) {
  LogLine then = logged_line(), other = decided_now();
  then["region"] = "", then["reason"] = "no_healthy_region";
  other["winner"] = nullptr, other["reason"] = "no_healthy_region";
  EXPECT_TRUE(compare(then, other).same);
  EXPECT_EQ(compare(then, other).text.find("The verdict is the same: none (no_healthy_region)."), 0u);
}

TEST(LoggedDecision, WhatIsNotComparableIsSaid) {
  LogLine then = logged_line(), other = decided_now();
  then["affinity"] = "kept";
  other["route"] = "rest", other["reason"] = "weighted";
  const std::string text = compare(then, other).text;
  EXPECT_NE(text.find("The route was api and is rest now"), std::string::npos) << text;
  EXPECT_NE(text.find("Then the client had a session (kept)"), std::string::npos) << text;
  EXPECT_NE(text.find("The reason weighted may send the next request elsewhere."), std::string::npos) << text;
}

TEST(LineSearch, FindsTheLineOfAnIdAndTheLastOfSeveral) {
  LineSearch search("abc");
  EXPECT_FALSE(search.look(R"({"time":"2026-01-02T03:04:06.000Z","id":"abcd"})"));
  EXPECT_FALSE(search.look(R"({"time":"2026-01-02T03:04:05.000Z","id":"x","path":"/\"abc\"","detail":"abc"})"));
  EXPECT_FALSE(search.look("172.0.0.1 - - \"abc\""));
  EXPECT_FALSE(search.look("{\"id\":\"abc\""));
  EXPECT_FALSE(search.found().has_value());
  EXPECT_TRUE(search.look(R"({"time":"2026-01-02T03:04:07.000Z","id":"abc","n":1})"));
  EXPECT_TRUE(search.look(R"({"time":"2026-01-02T03:04:08.000Z","id": "abc","n":2})"));
  ASSERT_TRUE(search.found().has_value());
  EXPECT_EQ((*search.found())["n"], 2);
  EXPECT_EQ(search.lines(), 6u);
  EXPECT_EQ(search.other(), 2u);
  EXPECT_EQ(search.since(), "2026-01-02T03:04:05.000Z");
}

TEST(LineSearch, AnIdThatJsonWritesOtherwiseIsFoundToo) {
  LineSearch search("a\"b\\");
  EXPECT_TRUE(search.look(R"({"id":"a\"b\\"})"));
}

}  // namespace
}  // namespace rhumb::proxy
