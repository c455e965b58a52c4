// SPDX-License-Identifier: Apache-2.0
#include "proxy/tables.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rhumb::proxy {
namespace {

using nlohmann::json;

json region(const char* name) {
  return {{"name", name},
          {"healthy", true},
          {"measuredHealthy", true},
          {"draining", false},
          {"dial", 1.0},
          {"since", "2026-01-02T03:04:05Z"},
          {"latencyMs", 12.1},
          {"inFlight", 4},
          {"errorRatio", 0.015},
          {"requests", 100},
          {"errors", 10},
          {"overrides", json::array()},
          {"endpoints", json::array({{{"inUse", true}}, {{"inUse", false}}})}};
}

json forced(const char* name) {
  json r = region(name);
  r["healthy"] = false, r["draining"] = true, r["dial"] = 0.5, r["latencyMs"] = 0;
  r["overrides"] = json::array(
      {{{"effect", "unhealthy"}, {"owner", "uid 0"}, {"until", "2026-01-02T04:00:00Z"}, {"reason", "racks\n\x1b[2J"}},
       {{"effect", "dial 50%"},
        {"endpoint", "10.0.0.1:80"},
        {"owner", "uid 0"},
        {"until", "2026-01-02T04:00:00Z"},
        {"reason", ""}}});
  return r;
}

TEST(Tables, RegionsStandInColumnsAndNoReasonReachesTheTerminal) {
  EXPECT_EQ(
      regions_text(json::array({region("eu-west"), forced("us")})),
      R"(region   state                   since                 latency  in flight  errors  dial  endpoints  override
eu-west  up                      2026-01-02T03:04:05Z  12.1 ms          4    1.5%  100%        1/2  -
us       DOWN (forced) draining  2026-01-02T03:04:05Z        -          4    1.5%   50%        1/2  unhealthy by uid 0 until 2026-01-02T04:00:00Z: racks??[2J; 10.0.0.1:80 dial 50% by uid 0 until 2026-01-02T04:00:00Z
)");
}

TEST(Tables, AChangeTellsWhatIsInForceAndWarns) {
  json r = region("eu");
  EXPECT_EQ(region_change_text(r), "eu: up, dial 100%, override -\n");
  r["warning"] = "no region takes new clients now";
  EXPECT_NE(region_change_text(r).find("\nwarning: no region takes new clients now\n"), std::string::npos);
}

TEST(Tables, AnEventIsOneLine) {
  EXPECT_EQ(event_text(json::parse(R"({"seq":7,"time":"2026-01-02T03:04:05.678Z","kind":"endpoint_down","region":"eu",
      "endpoint":"10.0.0.1:80","data":{"why":"status\n503","n":{"a":1}}})")),
            "2026-01-02T03:04:05.678Z 7 endpoint_down eu 10.0.0.1:80 n={\"a\":1} why=status?503\n");
}

TEST(Tables, MetricsAreSummedOverTheirLabels) {
  const auto sums = metric_sums(
      "# HELP a x\n# TYPE a counter\na{l=\"x y\",m=\"}\"} 2\na{l=\"z\"} 3\nb 1.5\nc{le=\"+Inf\"} 7\nbroken\n\n");
  EXPECT_EQ(sums, (std::map<std::string, double, std::less<>>{{"a", 5}, {"b", 1.5}, {"c", 7}}));
}

/// Two seconds apart.
std::pair<TopSample, TopSample> two_samples() {
  TopSample before, now;
  before.at = base::Instant(base::Seconds(10)), now.at = base::Instant(base::Seconds(12));
  before.metrics = {{"rhumb_exchanges_total", 100}, {"rhumb_retries_total", 9}};
  now.metrics = {{"rhumb_exchanges_total", 150},
                 {"rhumb_exchanges", 3},
                 {"rhumb_connections", 5},
                 {"rhumb_config_generation", 2},
                 {"rhumb_retries_total", 3}};
  before.regions = std::make_shared<json>(json::array({region("eu")}));
  json later = region("eu");
  later["requests"] = 120, later["errors"] = 11;
  now.regions = std::make_shared<json>(json::array({later, region("new")}));
  return {before, now};
}

TEST(Tables, TopTellsRatesBetweenTwoMoments) {
  const auto [before, now] = two_samples();
  EXPECT_EQ(top_text(before, now),
            R"(requests 25.0/s  in progress 3  connections 5  tunnels 0  retries 0.0/s  generation 2

region  state  attempts/s  errors/s  latency  in flight  dial  endpoints  override
eu      up           10.0       0.5  12.1 ms          4  100%        1/2  -
new     up            0.0       0.0  12.1 ms          4  100%        1/2  -
)");
}

TEST(Tables, TheFiguresOfTopAreThoseOfItsText) {
  const auto [before, now] = two_samples();
  json figures = top_figures(before, now);
  const json regions = figures["regions"];
  figures.erase("regions");
  EXPECT_EQ(figures, json({{"requestsPerSecond", 25.0},
                           {"inProgress", 3.0},
                           {"connections", 5.0},
                           {"tunnels", 0.0},
                           {"retriesPerSecond", 0.0},
                           {"generation", 2.0}}));
  ASSERT_EQ(regions.size(), 2u);
  json eu = (*now.regions)[0];
  eu["attemptsPerSecond"] = 10.0, eu["errorsPerSecond"] = 0.5;
  EXPECT_EQ(regions[0], eu);
  EXPECT_EQ(regions[1]["attemptsPerSecond"], 0.0) << "a new region has no rate yet";
}

}  // namespace
}  // namespace rhumb::proxy
