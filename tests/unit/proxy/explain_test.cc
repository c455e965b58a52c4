// SPDX-License-Identifier: Apache-2.0
#include "proxy/explain.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

const std::string kRoutes =
    "geo: {countries: {DE: eu}, default_region: us}\n"
    "routes:\n"
    "  - {name: api, match: {host: api.example.com, path_prefix: /api/}, regions: [us]}\n"
    "  - {name: post, match: {host: api.example.com, methods: [POST]}}\n"
    "  - {name: canary, match: {host: www.example.com, headers: {x-canary: \"1\"}}}\n"
    "  - {name: site, match: {host: www.example.com}}\n";

class Explain : public ::testing::Test {
 protected:
  base::Result<std::string, std::string> ask(ExplainQuestion question) {
    if (question.ip.empty()) question.ip = "198.51.100.7";
    return explain_request(world_, question);
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
  EXPECT_NE(route_of({.host = "www.example.com", .path = "/../.."}).find("error"), std::string::npos);
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
