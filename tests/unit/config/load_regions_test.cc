// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kListeners;
using ::testing::SizeIs;

/// A file with one region that has `more` besides what it needs.
Loaded with(const std::string& more) {
  return load_text(kListeners +
                       "regions:\n  - {name: a, location: {latitude: 1, longitude: 2}, endpoints: [\"127.0.0.1:1\"]" +
                       (more.empty() ? "" : ", ") + more + "}\n",
                   "t");
}
std::vector<int> codes_for(const std::string& more) { return testing::codes(with(more).diagnostics); }
std::vector<int> codes_for_endpoints(const std::string& list) {
  return codes_of(kListeners + "regions:\n  - {name: a, location: {latitude: 1, longitude: 2}, endpoints: " + list +
                  "}\n");
}

TEST(LoadRegions, NeedsAtLeastOne) {
  EXPECT_THAT(codes_of(kListeners), ElementsAre(code::kNoneGiven));
  EXPECT_THAT(codes_of(kListeners + "regions: []\n"), ElementsAre(code::kNoneGiven));
}

TEST(LoadRegions, NeedsEndpointsThatCanBeConnectedTo) {
  EXPECT_THAT(codes_for_endpoints("[]"), ElementsAre(code::kNoneGiven));
  EXPECT_THAT(codes_for_endpoints("[\"127.0.0.1:0\"]"), ElementsAre(code::kAddress));
  EXPECT_THAT(codes_for_endpoints("[\"0.0.0.0:80\"]"), ElementsAre(code::kAddress));
  EXPECT_THAT(codes_for_endpoints("[\"unix:/run/x\"]"), ElementsAre(code::kAddress));
  EXPECT_THAT(codes_for_endpoints("[\"example.org:80\"]"), ElementsAre(code::kAddress));
  EXPECT_THAT(codes_for_endpoints("[\"127.0.0.1:1\", \"127.0.0.1:1\"]"), ElementsAre(code::kDuplicateItem));
  EXPECT_THAT(codes_for_endpoints("\"127.0.0.1:1\""), IsEmpty());
}

TEST(LoadRegions, ReadsWhatItIsGiven) {
  const Loaded loaded = with(
      "weight: 0.5, priority: 2, price: 1.25, bias: -99, dial: 25%, balance: random, health: {enabled: false, path: "
      "\"/up?x=1\", "
      "host: a.b, expect: 204}, "
      "keep_alive: {idle: 1, preconnect: 2}, timeouts: {connect: 50ms}");
  ASSERT_TRUE(loaded.ok()) << testing::rendered(loaded);
  const RegionSpec& region = loaded.spec.regions.at(0);
  EXPECT_EQ(region.weight, 0.5);
  EXPECT_EQ(region.priority, 2);
  EXPECT_EQ(region.bias, -99);
  EXPECT_EQ(region.price, 1.25);
  EXPECT_DOUBLE_EQ(region.dial, 0.25);
  EXPECT_EQ(region.balance, "random");
  EXPECT_FALSE(region.health.enabled);
  EXPECT_EQ(region.health.path, "/up?x=1");
  EXPECT_EQ(region.health.host, "a.b");
  EXPECT_EQ(region.health.expect_low, 204);
  EXPECT_EQ(region.health.expect_high, 204);
  EXPECT_EQ(region.keep_alive_idle, 1u);
  EXPECT_EQ(region.preconnect, 2u);
  EXPECT_EQ(region.connect, base::Millis(50));
}

TEST(LoadRegions, KeepsNumbersInRange) {
  for (const char* more :
       {"weight: -1", "bias: 100", "bias: -99.5", "dial: 101%", "timeouts: {connect: 0s}", "max_latency: 0s",
        "health: {interval: 0s}", "health: {unhealthy_after: 0}", "priority: -1"}) {
    EXPECT_THAT(codes_for(more), ElementsAre(code::kRange)) << more;
  }
  const std::string bad_place =
      kListeners +
      "regions: [{name: a, location: {latitude: 90.1, longitude: -180.1}, endpoints: [\"127.0.0.1:1\"]}]\n";
  EXPECT_THAT(codes_of(bad_place), ElementsAre(code::kRange, code::kRange));
}

TEST(LoadRegions, ReadsExpectAsStatusOrRange) {
  const auto range = [](const std::string& text) {
    const HealthSpec health = with("health: {expect: " + text + "}").spec.regions.at(0).health;
    return std::pair(health.expect_low, health.expect_high);
  };
  EXPECT_EQ(range("200"), std::pair(uint16_t{200}, uint16_t{200}));
  EXPECT_EQ(range("200-399"), std::pair(uint16_t{200}, uint16_t{399}));
  for (const char* text : {"99", "600", "300-200", "200-", "-200", "2xx", "200-299-300", "0200"}) {
    EXPECT_THAT(codes_for(std::string("health: {expect: \"") + text + "\"}"), ElementsAre(code::kExpect)) << text;
  }
}

TEST(LoadRegions, RefusesProbesThatCannotBeSent) {
  EXPECT_THAT(codes_for("health: {path: up}"), ElementsAre(code::kPath));
  EXPECT_THAT(codes_for("health: {path: \"/a b\"}"), ElementsAre(code::kPath));
  EXPECT_THAT(codes_for("health: {host: \"a/b\"}"), ElementsAre(code::kHost));
}

TEST(LoadRegions, CannotBackItselfUp) { EXPECT_THAT(codes_for("backup: [a]"), ElementsAre(code::kOwnBackup)); }

TEST(LoadRegions, NeedsNamesOfTheirOwn) {
  const std::string one = "  - {name: a, location: {latitude: 1, longitude: 2}, endpoints: [\"127.0.0.1:1\"]}\n";
  EXPECT_THAT(codes_of(kListeners + "regions:\n" + one + one), ElementsAre(code::kDuplicateName));
}

TEST(LoadRegions, TakesSoManyEndpointsAndNoMore) {
  const auto file = [](int most) {
    std::string text = kListeners + "regions:\n";
    for (int region = 0; region < 2; ++region) {
      text += std::string("  - {name: ") + (region == 0 ? "a" : "b") +
              ", location: {latitude: 1, longitude: 2}, endpoints: [";
      for (int i = 0; i < most / 2; ++i) text += fmt::format("\"10.0.{}.{}:{}\", ", i / 250, i % 250 + 1, 80 + region);
      text += "]}\n";
    }
    return text;
  };
  EXPECT_THAT(codes_of(file(8192)), IsEmpty());
  EXPECT_THAT(codes_of(file(8194)), ElementsAre(code::kTooManyEndpoints));
}

}  // namespace
}  // namespace rhumb::config
