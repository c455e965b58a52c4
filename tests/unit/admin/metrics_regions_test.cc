// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"
#include "page_reader.h"

namespace rhumb::admin {
namespace {

using namespace testing;

TEST(MetricsOfRegions, RegionsTellTheirState) {
  upstream::RegionReport down = report_of("eu");
  down.state.healthy = false;
  down.state.rtt = base::Millis(25);
  down.state.in_flight = 4;
  down.state.error_rate = 0.5f;
  down.worst_detection = base::Seconds(95);
  const PageReader text(render_metrics(Registry(1), upstream::Meters(1), {down, report_of("us")}, {}));
  EXPECT_EQ(text.value("rhumb_region_healthy", {{"region", "eu"}}), 0);
  EXPECT_EQ(text.value("rhumb_region_healthy", {{"region", "us"}}), 1);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_latency_seconds", {{"region", "eu"}}), 0.025);
  EXPECT_EQ(text.value("rhumb_region_in_flight", {{"region", "eu"}}), 4);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_error_ratio", {{"region", "eu"}}), 0.5);
  EXPECT_EQ(text.value("rhumb_region_worst_detection_seconds", {{"region", "eu"}}), 95);
}

TEST(MetricsOfRegions, RegionsTellWhatIsSetForThem) {
  upstream::RegionReport eu = report_of("eu");
  eu.state.draining = true, eu.state.dial = 0.25f;
  eu.went_down = 3, eu.went_up = 2;
  upstream::Override drain, one, other;
  drain.kind = upstream::OverrideKind::drain;
  one.kind = other.kind = upstream::OverrideKind::health;
  eu.overrides = {drain, one, other};
  const PageReader text(render_metrics(Registry(1), upstream::Meters(1), {eu, report_of("us")}, {}));
  EXPECT_EQ(text.value("rhumb_region_draining", {{"region", "eu"}}), 1);
  EXPECT_EQ(text.value("rhumb_region_draining", {{"region", "us"}}), 0);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_dial", {{"region", "eu"}}), 0.25);
  EXPECT_EQ(text.value("rhumb_region_override", {{"region", "eu"}, {"kind", "health"}}), 2);
  EXPECT_EQ(text.value("rhumb_region_override", {{"region", "eu"}, {"kind", "drain"}}), 1);
  EXPECT_EQ(text.value("rhumb_region_override", {{"region", "us"}, {"kind", "dial"}}), 0);
  EXPECT_EQ(text.value("rhumb_region_changes_total", {{"region", "eu"}, {"to", "down"}}), 3);
  EXPECT_EQ(text.value("rhumb_region_changes_total", {{"region", "eu"}, {"to", "up"}}), 2);
}

TEST(MetricsOfRegions, AttemptsOfAllWorkersAreSummed) {
  upstream::Meters meters(3);
  for (auto* meter : meters.of("eu")) {
    meter->requests.add(7);
    meter->retries.add(2);
    meter->timeouts.add();
    meter->failovers.add(3);
  }
  const PageReader text(render_metrics(Registry(3), meters, {}, {}));
  EXPECT_EQ(text.value("rhumb_upstream_requests_total", {{"region", "eu"}}), 21);
  EXPECT_EQ(text.value("rhumb_upstream_retries_total", {{"region", "eu"}}), 6);
  EXPECT_EQ(text.value("rhumb_upstream_timeouts_total", {{"region", "eu"}}), 3);
  EXPECT_EQ(text.value("rhumb_region_failovers_total", {{"region", "eu"}}), 9);
}

TEST(MetricsOfRegions, DecisionsAreCountedByRegionAndReason) {
  Registry registry(2);
  upstream::Meters meters(2);
  const auto at = [](decision::Reason reason) { return static_cast<size_t>(reason); };
  meters.of("eu")[0]->decisions[at(decision::Reason::best_score)].add(5);
  meters.of("eu")[1]->decisions[at(decision::Reason::best_score)].add(6);
  meters.of("us")[1]->decisions[at(decision::Reason::sticky)].add();
  registry.worker(1).undecided[at(decision::Reason::no_healthy_region)].add(2);
  const PageReader text(render_metrics(registry, meters, {}, {}));
  const std::string family = "rhumb_route_decisions_total";
  EXPECT_EQ(text.value(family, {{"region", "eu"}, {"reason", "best_score"}}), 11);
  EXPECT_EQ(text.value(family, {{"region", "us"}}), 1);
  EXPECT_EQ(text.value(family, {{"region", ""}, {"reason", "no_healthy_region"}}), 2);
}

TEST(MetricsOfRegions, DetoursAreInKilometres) {
  upstream::Meters meters(2);
  meters.of("eu")[0]->detour.observe(0);
  meters.of("eu")[1]->detour.observe(0);
  meters.of("eu")[1]->detour.observe(6500);
  const PageReader text(render_metrics(Registry(2), meters, {}, {}));
  EXPECT_EQ(text.value("rhumb_route_detour_km_bucket", {{"region", "eu"}, {"le", "0"}}), 2);
  EXPECT_EQ(text.value("rhumb_route_detour_km_bucket", {{"region", "eu"}, {"le", "5000"}}), 2);
  EXPECT_EQ(text.value("rhumb_route_detour_km_bucket", {{"region", "eu"}, {"le", "10000"}}), 3);
  EXPECT_EQ(text.value("rhumb_route_detour_km_sum", {{"region", "eu"}}), 6500);
}

TEST(MetricsOfRegions, TheirPlacesAndTheirRoomAreTold) {
  GatewayInfo info;
  info.regions = {{"eu", "DE", 50.1, 8.7, true, 200}, {"nowhere", "", 0, 0, false, 0}};
  upstream::RegionReport eu = report_of("eu");
  eu.state.in_flight = 50;
  const PageReader text(render_metrics(Registry(1), upstream::Meters(1), {eu, report_of("nowhere")}, info));
  EXPECT_EQ(text.value("rhumb_region_info",
                       {{"region", "eu"}, {"country", "DE"}, {"latitude", "50.1"}, {"longitude", "8.7"}}),
            1);
  EXPECT_EQ(text.value("rhumb_region_info", {{"region", "nowhere"}, {"latitude", ""}}), 1);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_capacity_ratio"), 0.25) << "a region without a limit has no ratio";
}

}  // namespace
}  // namespace rhumb::admin
