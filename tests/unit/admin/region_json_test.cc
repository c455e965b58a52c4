// SPDX-License-Identifier: Apache-2.0
#include "admin/region_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rhumb::admin {
namespace {

TEST(RegionJson, CarriesWhatIsInForceWhatWasMeasuredAndEveryEndpoint) {
  upstream::RegionReport report;
  report.name = "eu";
  report.state.rtt = base::Millis(12);
  report.state.dial = 0.3f, report.configured_dial = 0.5;
  report.state.healthy = false, report.state.endpoints_up = 0b10;
  report.requests = 7, report.errors = 2, report.went_down = 1;
  upstream::EndpointReport endpoint;
  endpoint.address = "10.0.0.1:80";
  endpoint.healthy = false;
  endpoint.failures = 3;
  endpoint.last_check = base::WallTime(base::Millis(1500));
  endpoint.error = "connect: \"refused\"";
  report.endpoints = {endpoint, {.address = "10.0.0.2:80"}};
  const auto eu = region_json(report);
  const nlohmann::json first = endpoint_json(report, report.endpoints[0], 0);
  EXPECT_EQ(eu["name"], "eu");
  EXPECT_EQ(eu["healthy"], false);
  EXPECT_EQ(eu["measuredHealthy"], true);
  EXPECT_EQ(eu["dial"].dump(), "0.3");
  EXPECT_EQ(eu["configuredDial"], 0.5);
  EXPECT_EQ(eu["requests"], 7);
  EXPECT_EQ(eu["errors"], 2);
  EXPECT_EQ(eu["wentDown"], 1);
  EXPECT_DOUBLE_EQ(eu["latencyMs"].get<double>(), 12.0);
  EXPECT_EQ(first["address"], "10.0.0.1:80");
  EXPECT_EQ(first["healthy"], false);
  EXPECT_EQ(first["inUse"], false);
  EXPECT_EQ(endpoint_json(report, report.endpoints[1], 1)["inUse"], true);
  EXPECT_EQ(first["consecutiveFailures"], 3);
  EXPECT_EQ(first["lastCheck"], 1.5);
  EXPECT_EQ(first["error"], "connect: \"refused\"");
}

TEST(RegionJson, AnOverrideTellsItsOwnerReasonAndEnd) {
  upstream::Override o;
  o.kind = upstream::OverrideKind::dial;
  o.region = "eu", o.dial = 0.25, o.owner = "uid 0", o.reason = "new racks";
  o.until = base::WallTime(base::Seconds(60));
  EXPECT_EQ(override_json(o).dump(),
            R"({"dial":0.25,"effect":"dial 25%","kind":"dial","owner":"uid 0","reason":"new racks",)"
            R"("since":"1970-01-01T00:00:00Z","until":"1970-01-01T00:01:00Z"})");
  o.kind = upstream::OverrideKind::health, o.healthy = false, o.endpoint = "10.0.0.1:80";
  const auto health = override_json(o);
  EXPECT_EQ(health["healthy"], false);
  EXPECT_EQ(health["endpoint"], "10.0.0.1:80");
  EXPECT_FALSE(health.contains("dial"));
}

class RegionsSource : public ::testing::Test {
 protected:
  upstream::BoardRegion region(const std::string& name, uint16_t endpoints) {
    upstream::BoardRegion r;
    r.name = name;
    r.health.enabled = false;
    for (uint16_t port = 1; port <= endpoints; ++port)
      r.endpoints.push_back({*base::IpAddress::parse("127.0.0.1"), port});
    return r;
  }
  /// To the end; `between` is called between two pieces.
  std::string read(
      BodySource& source, const std::function<void()>& between = [] {}) {
    std::string all;
    for (auto state = BodySource::State::more; state == BodySource::State::more; between()) {
      std::string piece;
      state = source.next(piece);
      EXPECT_LE(piece.size(), 64u * 1024);
      all += piece;
      ++pieces_;
    }
    return all;
  }

  base::ManualClock clock_;
  net::Loop loop_{clock_};
  upstream::Board board_{loop_, 1, [](const auto&) {}, {}};
  int pieces_ = 0;
};

TEST_F(RegionsSource, TellsThousandsOfEndpointsAndOverridesInPieces) {
  board_.configure({region("eu", 4096), region("none", 0), region("us", 33)}, {});
  for (int i = 1; i <= 500; ++i) {
    upstream::Override o;
    o.region = "eu", o.endpoint = "127.0.0.1:" + std::to_string(i), o.reason = std::string(200, 'x');
    ASSERT_TRUE(board_.overrides().set(o, base::Seconds(60)));
  }
  const auto all = nlohmann::json::parse(read(*regions_source(board_, {"eu", "none", "us"}, true, region_json, {})));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["name"], "eu");
  ASSERT_EQ(all[0]["endpoints"].size(), 4096u);
  EXPECT_EQ(all[0]["endpoints"][4095]["address"], "127.0.0.1:4096");
  EXPECT_EQ(all[0]["overrides"].size(), 500u);
  EXPECT_EQ(all[1]["endpoints"].size(), 0u);
  EXPECT_EQ(all[2]["endpoints"].size(), 33u);
  EXPECT_GT(pieces_, 20);
}

TEST_F(RegionsSource, ARegionThatGoesMeanwhileIsLeftOut) {
  board_.configure({region("eu", 1000), region("us", 1)}, {});
  const auto source = regions_source(board_, {"eu", "us"}, true, region_json, {});
  const auto all = nlohmann::json::parse(read(*source, [&] { board_.configure({region("ap", 1)}, {}); }));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_LT(all[0]["endpoints"].size(), 1000u) << "it was told as far as it was there";
  EXPECT_TRUE(nlohmann::json::parse(read(*regions_source(board_, {"us"}, false, region_json, {}))).is_null());
}

TEST_F(RegionsSource, OneIsNoListAndHasTheListsThatAreWanted) {
  board_.configure({region("eu", 2)}, {});
  const auto members = [](const upstream::RegionReport& r) { return nlohmann::json{{"region", r.name}}; };
  EXPECT_EQ(nlohmann::json::parse(read(*regions_source(board_, {"eu"}, false, members, {false, false}))),
            (nlohmann::json{{"region", "eu"}}));
  EXPECT_EQ(
      nlohmann::json::parse(read(*regions_source(board_, {"eu"}, false, members, {false, true})))["endpoints"].size(),
      2u);
  EXPECT_TRUE(nlohmann::json::parse(read(*regions_source(board_, {}, true, members, {}))).empty());
}

}  // namespace
}  // namespace rhumb::admin
