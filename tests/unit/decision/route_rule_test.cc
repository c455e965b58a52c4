// SPDX-License-Identifier: Apache-2.0
#include "decision/route_rule.h"

#include <gtest/gtest.h>

#include "http/h1_parser.h"

namespace rhumb::decision {
namespace {

struct Ask {
  std::string target = "/", fields, method = "GET", client = "192.0.2.1", id;
};

config::RouteSpec spec(config::MatchSpec match, std::string name = "r") {
  config::RouteSpec route;
  route.name = std::move(name);
  route.match = std::move(match);
  return route;
}

bool matches(const config::RouteSpec& route, const Ask& ask) {
  RuleParts parts;
  const auto rule = RouteRule::compile(route, parts);
  EXPECT_TRUE(rule.has_value());
  const std::string text = ask.method + " " + ask.target + " HTTP/1.1\r\nHost: h\r\n" + ask.fields + "\r\n";
  base::BlockPool blocks(1);
  base::Arena arena(blocks);
  http::RequestHead head;
  EXPECT_EQ(http::RequestParser().feed(text, arena, head).status, http::ParseStatus::done) << text;
  const base::IpAddress client = ask.client.empty() ? base::IpAddress() : *base::IpAddress::parse(ask.client);
  const RouteQuery query{head, "h", head.path, client, ask.id, arena};
  RuleAnswers answers(parts, query);
  return rule->matches(query, answers);
}

TEST(RouteRule, WithoutConditionsTakesEverything) {
  EXPECT_TRUE(matches(spec({}), {}));
  EXPECT_TRUE(matches(spec({}), {.target = "*", .method = "OPTIONS"}));
}

TEST(RouteRule, AllConditionsMustHold) {
  const config::RouteSpec route = spec(
      {.path = "/a", .methods = {"GET"}, .headers = {{"x-h", "1"}}, .query = {{"q", "1"}}, .cookies = {{"c", "1"}}});
  const Ask good{.target = "/a?q=1", .fields = "X-H: 1\r\nCookie: c=1\r\n"};
  EXPECT_TRUE(matches(route, good));
  EXPECT_FALSE(matches(route, {.target = "/b?q=1", .fields = good.fields}));
  EXPECT_FALSE(matches(route, {.target = "/a?q=2", .fields = good.fields}));
  EXPECT_FALSE(matches(route, {.target = "/a", .fields = good.fields}));
  EXPECT_FALSE(matches(route, {.target = "/a?q=1", .fields = "X-H: 1\r\n"}));
  EXPECT_FALSE(matches(route, {.target = "/a?q=1", .fields = "Cookie: c=1\r\n"}));
  EXPECT_FALSE(matches(route, {.target = "/a?q=1", .fields = good.fields, .method = "HEAD"}));
}

TEST(RouteRule, MethodsAreComparedWithTheirCase) {
  EXPECT_FALSE(matches(spec({.methods = {"GET"}}), {.method = "get"}));
  EXPECT_TRUE(matches(spec({.methods = {"PURGE"}}), {.method = "PURGE"})) << "any token may be a method";
}

TEST(RouteRule, AnyOfSeveralFieldsOfOneNameMayHaveTheValue) {
  const config::RouteSpec route = spec({.headers = {{"x-canary", "1"}}});
  EXPECT_TRUE(matches(route, {.fields = "X-Canary: 0\r\nX-Canary: 1\r\n"}));
  EXPECT_FALSE(matches(route, {.fields = "X-Canary: 0\r\nX-Other: 1\r\n"}));
  EXPECT_FALSE(matches(route, {.fields = "X-Canary: 1, 2\r\n"})) << "the value as it stands";
}

TEST(RouteRule, WellKnownHeadersMatchLikeOthers) {
  EXPECT_TRUE(matches(spec({.headers = {{"user-agent", "curl"}}}), {.fields = "User-Agent: curl\r\n"}));
  EXPECT_FALSE(matches(spec({.headers = {{"user-agent", "*"}}}), {}));
}

TEST(RouteRule, PresentIsNotTheSameAsEmpty) {
  EXPECT_TRUE(matches(spec({.query = {{"q", "*"}}}), {.target = "/?q"}));
  EXPECT_TRUE(matches(spec({.query = {{"q", ""}}}), {.target = "/?q="}));
  EXPECT_FALSE(matches(spec({.query = {{"q", ""}}}), {.target = "/?r="}));
  EXPECT_TRUE(matches(spec({.cookies = {{"c", "*"}}}), {.fields = "Cookie: c=\r\n"}));
  EXPECT_TRUE(matches(spec({.cookies = {{"c", ""}}}), {.fields = "Cookie: c=\r\n"}));
  EXPECT_FALSE(matches(spec({.cookies = {{"c", ""}}}), {.fields = "Cookie: d=\r\n"}));
}

TEST(RouteRule, APrefixEndsAtASegment) {
  for (const char* path : {"/api", "/api/", "/api/x"})
    EXPECT_TRUE(matches(spec({.path_prefix = "/api"}), {.target = path})) << path;
  for (const char* path : {"/apix", "/ap", "/API", "/x/api"})
    EXPECT_FALSE(matches(spec({.path_prefix = "/api"}), {.target = path})) << path;
  EXPECT_FALSE(matches(spec({.path_prefix = "/api/"}), {.target = "/api"}));
  EXPECT_TRUE(matches(spec({.path_prefix = "/"}), {.target = "/anything"}));
}

TEST(RouteRule, APatternMatchesTheWholePathAndNotTheQuery) {
  const config::RouteSpec route = spec({.path_pattern = "/v[0-9]+"});
  EXPECT_TRUE(matches(route, {.target = "/v12?x=/"}));
  EXPECT_FALSE(matches(route, {.target = "/v12/x"}));
  EXPECT_FALSE(matches(route, {.target = "/a/v12"}));
}

TEST(RouteRule, APatternThatCannotBeIsAnError) {
  for (const char* pattern : {"/((", "[", "a**", "(?=x)", "(a{1,1000}){1,1000}"}) {
    RuleParts parts;
    const auto rule = RouteRule::compile(spec({.path_pattern = pattern}), parts);
    ASSERT_FALSE(rule.has_value()) << pattern;
    EXPECT_TRUE(rule.error().starts_with("path_pattern: ")) << rule.error();
    EXPECT_EQ(rule.error().find(pattern), std::string::npos) << "it may be what a variable holds: " << rule.error();
  }
}

double share(config::RouteSpec route, double split, const std::string& key) {
  route.split = split, route.split_key = key;
  int taken = 0;
  constexpr int kAsked = 2000;
  for (int i = 0; i < kAsked; ++i) {
    const std::string n = std::to_string(i);
    const Ask ask{.fields = "X-User: u" + n + "\r\nCookie: sid=" + n + "\r\n",
                  .client = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250),
                  .id = "id-" + n};
    taken += matches(route, ask) ? 1 : 0;
  }
  return static_cast<double>(taken) / kAsked;
}

TEST(RouteRule, ASplitTakesItsShareByEveryKindOfKey) {
  for (const char* key : {"client_ip", "request_id", "header:x-user", "cookie:sid"})
    EXPECT_NEAR(share(spec({}), 0.3, key), 0.3, 0.04) << key;
  EXPECT_EQ(share(spec({}), 0, "client_ip"), 0);
  EXPECT_EQ(share(spec({}), 1, "client_ip"), 1);
}

TEST(RouteRule, ASplitWithoutItsKeyIsNotTakenUnlessItTakesAll) {
  config::RouteSpec route = spec({});
  for (const char* key : {"client_ip", "request_id", "header:x-user", "header:user-agent", "cookie:sid"}) {
    route.split = 0.999, route.split_key = key;
    EXPECT_FALSE(matches(route, {.fields = "X-User: \r\n", .client = ""})) << key;
    route.split = 1;
    EXPECT_TRUE(matches(route, {.client = ""})) << key;
  }
}

TEST(RouteRule, TwoSplitsOfDifferentNamesTakeDifferentClients) {
  config::RouteSpec a = spec({}, "a"), b = spec({}, "b");
  a.split = b.split = 0.5, a.split_key = b.split_key = "client_ip";
  int both = 0;
  for (int i = 0; i < 1000; ++i) {
    const Ask ask{.client = "10.2." + std::to_string(i / 250) + "." + std::to_string(i % 250)};
    both += matches(a, ask) && matches(b, ask) ? 1 : 0;
  }
  EXPECT_NEAR(both, 250, 60);
}

TEST(RouteRule, WhoIsInASmallShareStaysInALargerOne) {
  config::RouteSpec route = spec({});
  route.split_key = "client_ip";
  for (int i = 0; i < 500; ++i) {
    const Ask ask{.client = "10.3." + std::to_string(i / 250) + "." + std::to_string(i % 250)};
    route.split = 0.1;
    if (!matches(route, ask)) continue;
    route.split = 0.5;
    ASSERT_TRUE(matches(route, ask)) << ask.client;
  }
}

/// Routes that differ in one thing only, and a request for all of them: what was looked at, in all.
struct Work {
  size_t looked_up = 0;
  int matched = 0;
};
template <class F>
Work work_of(int routes, const Ask& ask, F&& one) {
  RuleParts parts;
  std::vector<RouteRule> rules;
  for (int i = 0; i < routes; ++i) rules.push_back(*RouteRule::compile(one(i), parts));
  const std::string text = "GET " + ask.target + " HTTP/1.1\r\nHost: h\r\n" + ask.fields + "\r\n";
  base::BlockPool blocks(1);
  base::Arena arena(blocks);
  http::RequestHead head;
  EXPECT_EQ(http::RequestParser().feed(text, arena, head).status, http::ParseStatus::done);
  const RouteQuery query{head, "h", head.path, {}, {}, arena};
  RuleAnswers answers(parts, query);
  Work work;
  for (const RouteRule& rule : rules) work.matched += rule.matches(query, answers) ? 1 : 0;
  work.looked_up = answers.values().looked_up();
  return work;
}

TEST(RouteRule, S29_AThousandRoutesReadAHostileCookieOnce) {
  std::string cookies;
  while (cookies.size() < 30'000) cookies += "a=;;";
  const Ask ask{.fields = "Cookie: " + cookies + "\r\n"};
  const auto condition = [](int i) { return spec({.cookies = {{"c" + std::to_string(i), "1"}}}); };
  const auto split = [](int i) {
    config::RouteSpec route = spec({});
    route.split = 0.5, route.split_key = "cookie:c" + std::to_string(i);
    return route;
  };
  for (const int routes : {1, 1000}) {
    EXPECT_EQ(work_of(routes, ask, condition).looked_up, 7500u) << routes;
    EXPECT_EQ(work_of(routes, ask, split).looked_up, 7500u) << routes;
  }
}

TEST(RouteRule, S29_ALongKeyIsHashedOnceAndStillTakesItsShare) {
  int taken = 0;
  for (int i = 0; i < 200; ++i) {
    const Ask ask{.fields = "X-User: " + std::string(1000, 'u') + std::to_string(i) + "\r\n"};
    taken += work_of(10, ask, [](int r) {
               config::RouteSpec route = spec({}, "r" + std::to_string(r));
               route.split = 0.3, route.split_key = "header:x-user";
               return route;
             }).matched;
  }
  EXPECT_NEAR(taken, 600, 90);
}

TEST(RouteRule, ASharedPatternIsThereOnce) {
  RuleParts parts;
  for (const char* pattern : {"/a.*", "/b.*", "/a.*"})
    EXPECT_TRUE(RouteRule::compile(spec({.path_pattern = pattern}), parts).has_value());
  EXPECT_EQ(parts.patterns.size(), 2u);
}

}  // namespace
}  // namespace rhumb::decision
