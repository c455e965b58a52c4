// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"
#include "page_reader.h"

namespace rhumb::admin {
namespace {

using namespace testing;

TEST(MetricsOfTheGateway, LoopsTellTheirTurnsAndStalls) {
  Registry registry(2);
  registry.worker(0).turn.observe(base::Micros(80));
  registry.worker(1).turn.observe(base::Millis(20));
  registry.worker(1).stalls.add(3);
  const PageReader text(render_metrics(registry, upstream::Meters(2), {}, {}));
  EXPECT_EQ(text.types().at("rhumb_loop_turn_seconds"), "histogram");
  EXPECT_EQ(text.value("rhumb_loop_turn_seconds_bucket", {{"le", "0.0001"}}), 1);
  EXPECT_EQ(text.value("rhumb_loop_turn_seconds_bucket", {{"le", "+Inf"}}), 2);
  EXPECT_EQ(text.value("rhumb_loop_turn_seconds_count"), 2);
  EXPECT_EQ(text.value("rhumb_loop_stalls_total"), 3);
}

TEST(MetricsOfTheGateway, TheConfigurationTellsItsGenerationAndItsLastReload) {
  GatewayInfo info;
  info.config_hash = "0123456789ab";
  info.generation = 5;
  info.generations_alive = 2;
  info.last_reload_ok = false;
  info.reloads_applied = 4;
  info.reloads_refused = 1;
  const PageReader text(render_metrics(Registry(1), upstream::Meters(1), {}, info));
  EXPECT_EQ(text.value("rhumb_config_generation"), 5);
  EXPECT_EQ(text.value("rhumb_config_generations_alive"), 2);
  EXPECT_EQ(text.value("rhumb_config_last_reload_successful"), 0);
  EXPECT_EQ(text.value("rhumb_config_reloads_total", {{"verdict", "applied"}}), 4);
  EXPECT_EQ(text.value("rhumb_config_reloads_total", {{"verdict", "refused"}}), 1);
  EXPECT_EQ(text.value("rhumb_config_info", {{"hash", "0123456789ab"}}), 1);
}

TEST(MetricsOfTheGateway, CountersOfAllWorkersAreSummed) {
  Registry registry(3);
  for (unsigned i = 0; i < 3; ++i) {
    registry.worker(i).accepted.add(10 + i);
    registry.worker(i).faults[static_cast<size_t>(base::FaultKind::no_region)].add(i);
    registry.worker(i).log_sampled_out.add();
    registry.worker(i).recorded.add(2);
    registry.worker(i).unrecorded.add(3);
  }
  registry.recorder().written.add(4);
  registry.recorder().errors.add();
  const PageReader text(render_metrics(registry, upstream::Meters(3), {}, {}));
  EXPECT_EQ(text.value("rhumb_connections_accepted_total"), 33);
  EXPECT_EQ(text.value("rhumb_log_lines_sampled_out_total"), 3);
  EXPECT_EQ(text.value("rhumb_recorded_decisions_total"), 6);
  EXPECT_EQ(text.value("rhumb_unrecorded_decisions_total"), 9);
  EXPECT_EQ(text.value("rhumb_recorder_waiting"), 2);
  EXPECT_EQ(text.value("rhumb_recorder_errors_total"), 1);
  EXPECT_EQ(text.value("rhumb_faults_total", {{"fault", "no_region"}}), 3);
  EXPECT_EQ(text.value("rhumb_faults_total", {{"fault", "client_gone"}}), 0) << "a fault is shown before it happened";
}

TEST(MetricsOfTheGateway, SessionsTellTheirKeysSealsAndWhatBecameOfCacheableResponses) {
  Registry registry(2);
  for (unsigned i = 0; i < 2; ++i) registry.worker(i).made_private.add(3 + i), registry.worker(i).left_out.add(1);
  GatewayInfo info;
  info.session_keys = {{2, uint64_t{1} << 32, 5}, {1, 17, 0}};
  const PageReader text(render_metrics(registry, upstream::Meters(2), {}, info));
  EXPECT_EQ(text.value("rhumb_session_seals_total", {{"key", "2"}}), 4294967296.0);
  EXPECT_EQ(text.value("rhumb_session_seals_refused_total", {{"key", "2"}}), 5);
  EXPECT_EQ(text.value("rhumb_session_seals_total", {{"key", "1"}}), 17);
  EXPECT_EQ(text.value("rhumb_cacheable_responses_total", {{"action", "private"}}), 7);
  EXPECT_EQ(text.value("rhumb_cacheable_responses_total", {{"action", "skipped"}}), 2);
}

TEST(MetricsOfTheGateway, ListenersTellTheirConnectionsAndTheirLimit) {
  Registry registry(1);
  registry.listener("web").connections = 12;
  GatewayInfo info;
  info.listeners = {{"web", 4000}};
  const PageReader text(render_metrics(registry, upstream::Meters(1), {}, info));
  EXPECT_EQ(text.value("rhumb_listener_connections", {{"listener", "web"}}), 12);
  EXPECT_EQ(text.value("rhumb_listener_connections_limit", {{"listener", "web"}}), 4000);
}

TEST(MetricsOfTheGateway, ChangesByTheAdminApiAreCounted) {
  GatewayInfo info;
  info.admin_changes = {{"applied", 5}, {"denied", 1}};
  const PageReader text(render_metrics(Registry(1), upstream::Meters(1), {}, info));
  EXPECT_EQ(text.value("rhumb_admin_changes_total", {{"outcome", "applied"}}), 5);
  EXPECT_EQ(text.value("rhumb_admin_changes_total", {{"outcome", "denied"}}), 1);
}

TEST(MetricsOfTheGateway, TimersTellHowLateTheyAre) {
  Registry registry(1);
  registry.worker(0).lag.observe(base::Millis(30));
  const PageReader text(render_metrics(registry, upstream::Meters(1), {}, {}));
  EXPECT_EQ(text.value("rhumb_loop_lag_seconds_bucket", {{"le", "0.025"}}), 0);
  EXPECT_EQ(text.value("rhumb_loop_lag_seconds_bucket", {{"le", "0.05"}}), 1);
}

TEST(MetricsOfTheGateway, TheLastReloadThatWasTakenHasItsTime) {
  GatewayInfo info;
  info.last_reload = base::WallTime(base::Seconds(1'800'000'100));
  info.last_reload_applied = base::WallTime(base::Seconds(1'800'000'000));
  const PageReader text(render_metrics(Registry(1), upstream::Meters(1), {}, info));
  EXPECT_EQ(text.value("rhumb_config_last_reload_timestamp_seconds"), 1'800'000'100);
  EXPECT_EQ(text.value("rhumb_config_last_reload_success_timestamp_seconds"), 1'800'000'000);
}

}  // namespace
}  // namespace rhumb::admin
