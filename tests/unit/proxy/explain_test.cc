// SPDX-License-Identifier: Apache-2.0
#include "proxy/explain.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sessions/affinity.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

const std::string kRoutes =
    "geo: {countries: {DE: eu}, default_region: us, trusted_proxies: [10.0.0.0/8], country_header: x-country}\n"
    "tenant: {key: \"header:X-Tenant\"}\n"
    "fence: [{tenants: [acme], regions: [eu]}]\n"
    "sessions: {keys: [{id: 1, secret: 0123456789abcdef0123456789abcdef}]}\n"
    "routes:\n"
    "  - {name: api, match: {host: api.example.com, path_prefix: /api/}, regions: [us]}\n"
    "  - {name: post, match: {host: api.example.com, methods: [POST]}}\n"
    "  - {name: canary, match: {host: www.example.com, headers: {x-canary: \"1\"}}}\n"
    "  - {name: member, match: {host: www.example.com, cookies: {member: \"1\"}}, affinity: {key: cookie}}\n"
    "  - {name: site, match: {host: www.example.com}}\n"
    "  - {name: walled, match: {host: walled.example.com}, filters: [{fault: {percent: 100%, delay: 1s, abort: 503}}, "
    "{ip_acl: {deny: [198.51.100.0/24]}}, {geo_acl: {deny: [DE], status: 451}}, {methods: {allow: [GET]}}]}\n"
    "  - {name: moved, match: {host: moved.example.com}, filters: [{redirect: {to: /}}]}\n"
    "  - {name: costly, match: {host: costly.example.com, path_pattern: \"/[ab]*a[ab]{900}c\"}}\n";

class Explain : public ::testing::Test {
 protected:
  base::Result<std::string, std::string> ask(ExplainQuestion question) {
    if (question.ip.empty()) question.ip = "198.51.100.7";
    return explain_request(world_, question);
  }
  nlohmann::json json_of(ExplainQuestion question) {
    question.json = true;
    const auto answer = ask(std::move(question));
    return answer ? nlohmann::json::parse(*answer, nullptr, false) : nlohmann::json(answer.error());
  }
  std::string route_of(ExplainQuestion question) {
    question.json = true;
    const auto answer = ask(std::move(question));
    if (!answer) return "error: " + answer.error();
    const auto json = nlohmann::json::parse(*answer, nullptr, false);
    return json.is_object() && json.contains("route") ? json["route"].get<std::string>() : "no route in " + *answer;
  }
  World world_ = testing::world_of(testing::kListener + testing::kTwoRegions + kRoutes);
};

TEST_F(Explain, NamesRouteAndRegion) {
  const auto text = ask({.host = "api.example.com", .path = "/api/x"});
  ASSERT_TRUE(text.has_value()) << text.error();
  EXPECT_NE(text->find("api"), std::string::npos);
  EXPECT_NE(text->find("us"), std::string::npos);
}

TEST_F(Explain, SaysWhenAPathIsTooLongForThePatternsOfItsHost) {
  EXPECT_EQ(route_of({.host = "costly.example.com", .path = "/" + std::string(7000, 'a')}),
            "error: the path is too long for the patterns of its host");
  EXPECT_EQ(route_of({.host = "costly.example.com", .path = "/ba" + std::string(900, 'b') + "c"}), "costly");
}

TEST_F(Explain, TheJsonParses) {
  const auto text = ask({.host = "www.example.com", .json = true});
  ASSERT_TRUE(text.has_value()) << text.error();
  EXPECT_TRUE(nlohmann::json::accept(*text)) << *text;
}

TEST_F(Explain, TheRouteIsTheOneARealRequestWouldGet) {
  EXPECT_EQ(route_of({.host = "api.example.com", .path = "/api/x"}), "api");
  EXPECT_EQ(route_of({.host = "API.example.com:8080", .path = "/x/../api//x"}), "api") << "canonical, as on the wire";
  EXPECT_EQ(route_of({.host = "api.example.com", .method = "POST"}), "post");
  EXPECT_EQ(route_of({.host = "www.example.com"}), "site");
  EXPECT_EQ(route_of({.host = "www.example.com", .headers = {{"X-Canary", "1"}}}), "canary");
  EXPECT_EQ(route_of({.host = "www.example.com", .path = "/a?x-canary=1"}), "site");
}

TEST_F(Explain, SeesHeadersAndCookiesAsARealRequestsAre) {
  EXPECT_EQ(route_of({.host = "www.example.com", .cookies = {"a=b", "member=1"}}), "member");
  EXPECT_EQ(route_of({.host = "www.example.com", .headers = {{"Cookie", "member=1"}}}), "member");
  EXPECT_EQ(json_of({.ip = "10.0.0.1", .host = "www.example.com", .headers = {{"X-Country", "DE"}}})["reason"],
            "country");
  EXPECT_EQ(json_of({.host = "www.example.com", .headers = {{"X-Country", "DE"}}})["reason"], "default_region")
      << "nobody trusts this one";
  EXPECT_EQ(
      json_of(
          {.ip = "10.0.0.1", .host = "www.example.com", .headers = {{"X-Forwarded-For", "192.0.2.7"}}})["client"]["ip"],
      "192.0.2.7");
}

TEST_F(Explain, FencesATenantHoweverItIsNamed) {
  const auto free = json_of({.host = "www.example.com"});
  EXPECT_EQ(free["winner"], "us");
  EXPECT_EQ(free["tenant"], nullptr);
  const auto named = json_of({.host = "www.example.com", .headers = {{"x-tenant", "acme"}}});
  EXPECT_EQ(named["winner"], "eu");
  EXPECT_EQ(named["tenant"], "acme");
  const auto given = json_of({.host = "www.example.com", .tenant = "acme", .headers = {{"x-tenant", "other"}}});
  EXPECT_EQ(given["winner"], "eu");
  EXPECT_EQ(given["tenant"], "acme");
  EXPECT_NE(ask({.host = "www.example.com", .tenant = "acme"})->find("tenant     acme\n"), std::string::npos);
  EXPECT_EQ(json_of({.host = "www.example.com", .headers = {{"x-tenant", "a"}, {"x-tenant", "b"}}}),
            "tenant would refuse it with 400: the tenant is named twice");
}

TEST_F(Explain, AGoodTokenIsHonouredWhereTheRouteLooksAtIt) {
  const auto bound = json_of({.host = "www.example.com", .bound = "eu", .cookies = {"member=1"}});
  EXPECT_EQ(bound["winner"], "eu");
  EXPECT_EQ(bound["reason"], "sticky");
  EXPECT_EQ(bound["preferred"], "eu");
  EXPECT_EQ(json_of({.host = "www.example.com", .bound = "eu"}),
            "route 'site' keeps no client at its region: it looks at no token");
  EXPECT_EQ(json_of({.host = "www.example.com", .bound = "moon", .cookies = {"member=1"}}),
            "there is no region 'moon'");
}

TEST_F(Explain, OpensASessionsCookieWhereTheRouteLooksAtIt) {
  const base::WallTime now = base::SystemClock().wall();
  sessions::SealCount seals;
  const auto cookie = [&](const sessions::Token& token, std::string_view tenant = "") {
    const config::SessionsSpec& spec = world_.config->spec.sessions;
    const sessions::TokenCodec codec(spec.keys, sessions::scope_of(spec), &seals);
    char text[sessions::TokenCodec::kMaxText];
    return spec.cookie + "=" + std::string(text, codec.seal(token, tenant, text));
  };
  sessions::Token token{.region = sessions::region_key("eu"),
                        .issued = now,
                        .idle_expiry = now + base::Seconds(600),
                        .absolute_expiry = now + base::Seconds(600)};
  const auto asked = [&](const std::string& with) {
    return json_of({.host = "www.example.com", .cookies = {"member=1", with}});
  };
  EXPECT_EQ(asked(cookie(token))["winner"], "eu");
  EXPECT_EQ(asked(cookie(token))["reason"], "sticky");
  EXPECT_EQ(asked("rhumb=made-up")["affinity"], "forged");
  EXPECT_EQ(json_of({.host = "www.example.com", .cookies = {cookie(token)}})["affinity"], "none") << "route 'site'";
  const auto as = [&](const std::string& tenant, const std::string& with) {
    return json_of({.host = "www.example.com", .tenant = tenant, .cookies = {"member=1", with}})["affinity"];
  };
  EXPECT_EQ(as("acme", cookie(token, "acme")), "kept") << "a tenant that is named";
  EXPECT_EQ(as("initech", cookie(token, "acme")), "forged");
  EXPECT_EQ(json_of({.host = "www.example.com",
                     .headers = {{"X-Tenant", "acme"}},
                     .cookies = {"member=1", cookie(token, "acme")}})["affinity"],
            "kept")
      << "and one that is found";
  token.region = sessions::region_key("moon");
  EXPECT_EQ(asked(cookie(token))["affinity"], "region_gone");
  token.idle_expiry = now - base::Seconds(1);
  EXPECT_EQ(asked(cookie(token))["affinity"], "expired");
}

TEST_F(Explain, SaysWhichFilterWouldAnswerAndWhatWouldHaveBeenDecided) {
  const auto walled = json_of({.host = "walled.example.com"});
  EXPECT_EQ(walled["denied"], (nlohmann::json{{"by", "ip_acl"}, {"status", 403}}));
  EXPECT_EQ(walled["winner"], "us");
  const auto abroad = json_of({.ip = "10.0.0.1", .host = "walled.example.com", .headers = {{"x-country", "DE"}}});
  EXPECT_EQ(abroad["denied"], (nlohmann::json{{"by", "geo_acl"}, {"status", 451}}));
  EXPECT_EQ(json_of({.ip = "192.0.2.7", .host = "walled.example.com", .method = "POST"})["denied"]["status"], 405);
  EXPECT_EQ(json_of({.ip = "192.0.2.7", .host = "walled.example.com"})["denied"], nullptr) << "a fault draws";
  EXPECT_TRUE(ask({.host = "walled.example.com"})->starts_with("denied by ip_acl: 403; without that:\n\nrequest "));
  EXPECT_TRUE(ask({.host = "moved.example.com"})->starts_with("answered by redirect: 302; without that:\n\n"));
}

TEST_F(Explain, SaysWhatIsWrongWithAQuestion) {
  EXPECT_NE(route_of({.ip = "1.2.3"}).find("not an address"), std::string::npos);
  EXPECT_NE(route_of({.host = "nobody.example"}).find("no route"), std::string::npos);
  EXPECT_NE(route_of({.host = "api.example.com", .method = "GET"}).find("no route"), std::string::npos);
}

TEST_F(Explain, SaysThatAMethodIsNone) {
  EXPECT_EQ(route_of({.host = "www.example.com", .method = "GE T"}), "error: not a method: 'GE T'");
  EXPECT_EQ(route_of({.host = "www.example.com", .method = "GET\r\nX"}), "error: not a method: 'GET\\x0d\\x0aX'");
}

TEST_F(Explain, WhatCouldNotArriveCannotBeExplained) {
  EXPECT_NE(route_of({.host = "a b"}).find("error"), std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com", .path = "/a b"}).find("error"), std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com\r\n\r\nGET /smuggled HTTP/1.1"}).find("error"), std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com", .headers = {{"Bad Name", "x"}}}).find("error"), std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com", .headers = {{"A", "b\r\nC: d"}}}).find("error"), std::string::npos);
  for (const char* cookie : {"a", "=b", "a=b; c=d", "a=b\r\nC: d"})
    EXPECT_NE(route_of({.host = "www.example.com", .cookies = {cookie}}).find("error: not a cookie"),
              std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com", .path = "/../.."}).find("error"), std::string::npos);
}

TEST_F(Explain, WhatIsMoreThanAClientSendsIsNotLookedThrough) {
  EXPECT_NE(route_of({.host = "www.example.com", .headers = {{"Cookie", std::string(7800, ';')}}}).find("64 cookies"),
            std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com", .path = "/?" + std::string(7800, '&')}).find("64 parameters"),
            std::string::npos);
  EXPECT_NE(route_of({.host = "www.example.com", .headers = {{"X-Forwarded-For", std::string(300, ',')}}}).find("256"),
            std::string::npos);
  std::vector<std::string> cookies(63, "a=b");
  cookies.push_back("member=1");
  EXPECT_EQ(route_of({.host = "www.example.com", .cookies = cookies}), "member") << "64 are looked at";
}

TEST(ExplainQuestion, TakesAHeaderApart) {
  ExplainQuestion question;
  EXPECT_TRUE(add_header(question, "Name:  a: b "));
  EXPECT_TRUE(add_header(question, "Empty:"));
  EXPECT_FALSE(add_header(question, "Name"));
  ASSERT_EQ(question.headers.size(), 2u);
  EXPECT_EQ(question.headers[0], (std::pair<std::string, std::string>("Name", "a: b")));
  EXPECT_EQ(question.headers[1].second, "");
}

TEST_F(Explain, StatesNobodyMeasuredHaveEverythingUp) {
  const auto states = std::make_shared<const decision::RegionStates>(decision::unmeasured(*world_.config->regions));
  ASSERT_EQ(states->of.size(), 2u);
  for (const auto& state : states->of) {
    EXPECT_TRUE(state.healthy);
    EXPECT_FALSE(state.draining);
    EXPECT_EQ(state.rtt.count(), 0);
  }
}

}  // namespace
}  // namespace rhumb::proxy
