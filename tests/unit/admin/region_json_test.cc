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
  const auto json = regions_json({report, {.name = "us"}});
  ASSERT_EQ(json.size(), 2u);
  const auto& eu = json[0];
  EXPECT_EQ(eu["name"], "eu");
  EXPECT_EQ(eu["healthy"], false);
  EXPECT_EQ(eu["measuredHealthy"], true);
  EXPECT_EQ(eu["dial"].dump(), "0.3");
  EXPECT_EQ(eu["configuredDial"], 0.5);
  EXPECT_EQ(eu["requests"], 7);
  EXPECT_EQ(eu["errors"], 2);
  EXPECT_EQ(eu["wentDown"], 1);
  EXPECT_DOUBLE_EQ(eu["latencyMs"].get<double>(), 12.0);
  ASSERT_EQ(eu["endpoints"].size(), 2u);
  EXPECT_EQ(eu["endpoints"][0]["address"], "10.0.0.1:80");
  EXPECT_EQ(eu["endpoints"][0]["healthy"], false);
  EXPECT_EQ(eu["endpoints"][0]["inUse"], false);
  EXPECT_EQ(eu["endpoints"][1]["inUse"], true);
  EXPECT_EQ(eu["endpoints"][0]["consecutiveFailures"], 3);
  EXPECT_EQ(eu["endpoints"][0]["lastCheck"], 1.5);
  EXPECT_EQ(eu["endpoints"][0]["error"], "connect: \"refused\"");
  EXPECT_TRUE(json[1]["endpoints"].is_array());
  EXPECT_TRUE(json[1]["overrides"].is_array());
  EXPECT_TRUE(regions_json({}).is_array());
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

}  // namespace
}  // namespace rhumb::admin
