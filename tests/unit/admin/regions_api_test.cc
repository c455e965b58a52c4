// SPDX-License-Identifier: Apache-2.0
#include "admin/regions_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/admin/replies.h"

namespace rhumb::admin {
namespace {

using http::Method;
using nlohmann::json;

class RegionsApi : public ::testing::Test {
 protected:
  RegionsApi() {
    add_regions_api(router_, board_);
    board_.configure({region("eu-west"), region("us")}, {});
  }
  upstream::BoardRegion region(const std::string& name) {
    upstream::BoardRegion r;
    r.name = name;
    r.endpoints = {*base::SocketAddress::parse("127.0.0.1:1"), *base::SocketAddress::parse("127.0.0.1:2")};
    r.health.enabled = false;
    r.dial = 0.75;
    return r;
  }
  json ask(Method method, std::string_view target, std::string_view body = "") {
    last_ = asking_.ask(method, target, body);
    return json::parse(last_.body);
  }
  int status() const { return last_.status; }
  std::string problem() const { return json::parse(last_.body)["error"]["message"]; }

  base::ManualClock clock_;
  net::Loop loop_{clock_};
  Router router_;
  testing::Asking asking_{router_};
  Response last_;
  std::shared_ptr<const decision::RegionStates> states_;
  upstream::Board board_{loop_, 1, [this](auto states) { states_ = std::move(states); }, {}};
};

TEST_F(RegionsApi, ListsAllAndShowsOne) {
  const json all = ask(Method::get, "/v1/regions");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1]["name"], "us");
  EXPECT_EQ(ask(Method::get, "/v1/regions/us"), all[1]);
  EXPECT_EQ(all[0]["endpoints"].size(), 2u);
}

TEST_F(RegionsApi, AnUnknownRegionIsToldWithTheNearestName) {
  (void)ask(Method::get, "/v1/regions/eu-wst");
  EXPECT_EQ(status(), 404);
  EXPECT_EQ(problem(), "there is no region 'eu-wst'; did you mean 'eu-west'?");
  (void)ask(Method::put, "/v1/regions/mars/health", R"({"healthy":false,"ttl":"10m"})");
  EXPECT_EQ(status(), 404);
  EXPECT_EQ(problem(), "there is no region 'mars'; there are eu-west, us");
}

TEST_F(RegionsApi, AForcedRegionIsPublishedBeforeTheAnswerAndTakenBack) {
  const json set = ask(Method::put, "/v1/regions/us/health", R"({"healthy":false,"ttl":"10m","reason":"disk"})");
  EXPECT_EQ(status(), 200);
  EXPECT_FALSE(states_->of[1].healthy);
  EXPECT_EQ(set["healthy"], false);
  EXPECT_EQ(set["measuredHealthy"], true);
  EXPECT_EQ(set["overrides"][0]["owner"], "tester");
  EXPECT_EQ(set["overrides"][0]["reason"], "disk");
  EXPECT_FALSE(set.contains("warning"));
  const json shown = ask(Method::get, "/v1/regions/us/health");
  EXPECT_EQ(shown["override"]["effect"], "unhealthy");
  EXPECT_EQ(shown["healthy"], false);
  const json back = ask(Method::delete_, "/v1/regions/us/health");
  EXPECT_EQ(back["healthy"], true);
  EXPECT_TRUE(states_->of[1].healthy);
  EXPECT_TRUE(ask(Method::get, "/v1/regions/us/health")["override"].is_null());
  (void)ask(Method::delete_, "/v1/regions/us/health");
  EXPECT_EQ(status(), 200) << "nothing to take back is what was wanted";
}

TEST_F(RegionsApi, OneEndpointIsForcedAndTakenBackByItsAddress) {
  const json set =
      ask(Method::put, "/v1/regions/us/health", R"({"healthy":false,"ttl":"10m","endpoint":"127.0.0.1:2"})");
  EXPECT_EQ(set["endpoints"][0]["inUse"], true);
  EXPECT_EQ(set["endpoints"][1]["inUse"], false);
  EXPECT_EQ(states_->of[1].endpoints_up, 0b01u);
  (void)ask(Method::delete_, "/v1/regions/us/health");
  EXPECT_EQ(states_->of[1].endpoints_up, 0b01u) << "that is another override";
  (void)ask(Method::delete_, "/v1/regions/us/health?endpoint=127.0.0.1:2");
  EXPECT_EQ(states_->of[1].endpoints_up, 0b11u);
  (void)ask(Method::put, "/v1/regions/us/health", R"({"healthy":false,"ttl":"10m","endpoint":"127.0.0.1:3"})");
  EXPECT_EQ(status(), 400);
  EXPECT_EQ(problem(), "region 'us' has no endpoint '127.0.0.1:3'");
}

TEST_F(RegionsApi, DialAndDrainAreSetShownAndTakenBack) {
  (void)ask(Method::put, "/v1/regions/us/dial", R"({"dial":"50%","ttl":"1h"})");
  EXPECT_EQ(states_->of[1].dial, 0.5f);
  const json dial = ask(Method::get, "/v1/regions/us/dial");
  EXPECT_EQ(dial["dial"], 0.5);
  EXPECT_EQ(dial["configuredDial"], 0.75);
  (void)ask(Method::delete_, "/v1/regions/us/dial");
  EXPECT_EQ(states_->of[1].dial, 0.75f);
  (void)ask(Method::post, "/v1/regions/us/drain", R"({"ttl":"1h"})");
  EXPECT_TRUE(states_->of[1].draining);
  EXPECT_EQ(ask(Method::get, "/v1/regions/us/drain")["draining"], true);
  (void)ask(Method::delete_, "/v1/regions/us/drain");
  EXPECT_FALSE(states_->of[1].draining);
}

TEST_F(RegionsApi, WithoutATimeToLiveNothingIsSet) {
  for (const char* body : {R"({"healthy":false})", R"({"healthy":false,"ttl":"31d"})",
                           R"({"healthy":false,"ttl":"1ms"})", R"({"healthy":false,"ttl":"10m","x":1})", "", "[]"}) {
    (void)ask(Method::put, "/v1/regions/us/health", body);
    EXPECT_EQ(status(), 400) << body;
    EXPECT_TRUE(last_.change.empty());
  }
  (void)ask(Method::put, "/v1/regions/us/dial", R"({"dial":2,"ttl":"1h"})");
  EXPECT_EQ(status(), 400);
  (void)ask(Method::post, "/v1/regions/us/drain", R"({"ttl":"1h","healthy":true})");
  EXPECT_EQ(status(), 400) << "that key belongs elsewhere";
  EXPECT_TRUE(board_.report()[1].overrides.empty());
}

TEST_F(RegionsApi, ReadersMayLookAndNothingElse) {
  EXPECT_EQ(asking_.get("/v1/regions", Role::read).status, 200);
  for (const auto& [method, target] : {std::pair{Method::put, "/v1/regions/us/health"},
                                       {Method::delete_, "/v1/regions/us/health"},
                                       {Method::put, "/v1/regions/us/dial"},
                                       {Method::post, "/v1/regions/us/drain"}}) {
    EXPECT_EQ(asking_.ask(method, target, R"({"healthy":false,"dial":0,"ttl":"1h"})", Role::read).status, 403)
        << target;
  }
  EXPECT_TRUE(board_.report()[1].overrides.empty());
  EXPECT_EQ(asking_.ask(Method::post, "/v1/regions/us/drain", R"({"ttl":"1h"})", Role::operate).status, 200);
}

TEST_F(RegionsApi, TheAuditGetsBeforeAndAfter) {
  (void)ask(Method::put, "/v1/regions/us/dial", R"({"dial":0.5,"ttl":"1h"})");
  const json change = json::parse(last_.change);
  EXPECT_EQ(change["before"]["dial"], 0.75);
  EXPECT_EQ(change["after"]["dial"], 0.5);
  EXPECT_EQ(change["before"]["overrides"].size(), 0u);
  EXPECT_EQ(change["after"]["overrides"].size(), 1u);
}

TEST_F(RegionsApi, WhoClosesTheLastRegionIsWarned) {
  EXPECT_FALSE(ask(Method::post, "/v1/regions/us/drain", R"({"ttl":"1h"})").contains("warning"));
  EXPECT_EQ(ask(Method::put, "/v1/regions/eu-west/dial", R"({"dial":0,"ttl":"1h"})")["warning"],
            "no region takes new clients now");
}

}  // namespace
}  // namespace rhumb::admin
