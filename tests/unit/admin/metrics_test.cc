// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

namespace rhumb::admin {
namespace {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;
};

/// A strict reader of the text exposition format, 0.0.4: fails the test on anything it does not know.
class Exposition {
 public:
  explicit Exposition(const std::string& text) {
    EXPECT_TRUE(text.empty() || text.back() == '\n') << "the last line ends too";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
  }
  const std::vector<Sample>& samples() const { return samples_; }
  const std::map<std::string, std::string>& types() const { return types_; }

  /// The value of the one sample with this name and, at least, these labels.
  double value(const std::string& name, const std::map<std::string, std::string>& labels = {}) const {
    const Sample* found = nullptr;
    for (const Sample& sample : samples_) {
      bool same = sample.name == name;
      for (const auto& [key, text] : labels)
        same = same && sample.labels.count(key) != 0 && sample.labels.at(key) == text;
      if (!same) continue;
      EXPECT_EQ(found, nullptr) << name << " is there twice";
      found = &sample;
    }
    EXPECT_NE(found, nullptr) << name << " is missing";
    return found == nullptr ? -1 : std::strtod(found->value.c_str(), nullptr);
  }

 private:
  void read(const std::string& line) {
    if (line.rfind("# HELP ", 0) == 0) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(helped_.insert(name).second) << "HELP twice: " << line;
    } else if (line.rfind("# TYPE ", 0) == 0) {
      const size_t space = line.find(' ', 7);
      family_ = line.substr(7, space - 7);
      EXPECT_TRUE(helped_.count(family_)) << line;
      EXPECT_TRUE(types_.emplace(family_, line.substr(space + 1)).second) << "TYPE twice: " << line;
    } else {
      sample(line);
    }
  }
  void sample(const std::string& line) {
    Sample out;
    size_t at = line.find_first_of("{ ");
    ASSERT_NE(at, std::string::npos) << line;
    out.name = line.substr(0, at);
    EXPECT_EQ(out.name.rfind(family_, 0), 0u) << "a sample outside its family: " << line;
    if (line[at] == '{') at = labels(line, at + 1, out);
    ASSERT_LT(at, line.size()) << line;
    ASSERT_EQ(line[at], ' ') << line;
    out.value = line.substr(at + 1);
    char* end = nullptr;
    std::strtod(out.value.c_str(), &end);
    EXPECT_EQ(*end, '\0') << "not a number: " << line;
    std::string key = out.name;
    for (const auto& [name, text] : out.labels) key += "|" + name + "=" + text;
    EXPECT_TRUE(series_.insert(key).second) << "the same series twice: " << line;
    samples_.push_back(out);
  }
  size_t labels(const std::string& line, size_t at, Sample& out) {
    while (at < line.size() && line[at] != '}') {
      const size_t equals = line.find("=\"", at);
      if (equals == std::string::npos) break;
      std::string value;
      size_t i = equals + 2;
      for (; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\')
          ++i, value += line[i] == 'n' ? '\n' : line[i];
        else
          value += line[i];
      }
      EXPECT_TRUE(out.labels.emplace(line.substr(at, equals - at), value).second) << line;
      at = i + 1;
      if (at < line.size() && line[at] == ',') ++at;
    }
    return at + 1;
  }
  std::string family_;
  std::set<std::string> helped_, series_;
  std::map<std::string, std::string> types_;
  std::vector<Sample> samples_;
};

upstream::RegionReport report_of(const std::string& name) {
  upstream::RegionReport report;
  report.name = name;
  return report;
}

TEST(Metrics, EveryLineIsWellFormedAndNoSeriesAppearsTwice) {
  Registry registry(2);
  registry.route("api", "eu")[0]->responses[2].add();
  registry.route("api", "us")[1]->responses[5].add();
  registry.route("api", "")[0]->duration.observe(base::Micros(700));
  upstream::Meters meters(2);
  meters.of("eu");
  meters.of("us");
  GatewayInfo info{.version = "9.8.7", .config_hash = "abc"};
  info.geo_epochs = {{"/a.mmdb", 1'700'000'000}, {"/b.mmdb", 1'800'000'000}};
  const Exposition text(render_metrics(registry, meters, {report_of("eu"), report_of("us")}, info));
  EXPECT_GT(text.samples().size(), 50u);
  EXPECT_EQ(text.types().at("rhumb_request_duration_seconds"), "histogram");
  EXPECT_EQ(text.types().at("rhumb_requests_total"), "counter");
  EXPECT_EQ(text.types().at("rhumb_connections"), "gauge");
  EXPECT_EQ(text.value("rhumb_build_info", {{"version", "9.8.7"}}), 1);
  EXPECT_EQ(text.value("rhumb_geo_db_build_timestamp_seconds", {{"path", "/b.mmdb"}}), 1'800'000'000);
}

TEST(Metrics, CountersOfAllWorkersAreSummed) {
  Registry registry(3);
  for (unsigned i = 0; i < 3; ++i) {
    registry.worker(i).accepted.add(10 + i);
    registry.worker(i).faults[static_cast<size_t>(base::FaultKind::no_region)].add(i);
    registry.route("api", "eu")[i]->responses[2].add(100);
    registry.route("api", "eu")[i]->bytes_out.add(5);
  }
  upstream::Meters meters(3);
  for (auto* meter : meters.of("eu")) meter->requests.add(7);
  const Exposition text(render_metrics(registry, meters, {}, {}));
  EXPECT_EQ(text.value("rhumb_connections_accepted_total"), 33);
  EXPECT_EQ(text.value("rhumb_faults_total", {{"fault", "no_region"}}), 3);
  EXPECT_EQ(text.value("rhumb_faults_total", {{"fault", "client_gone"}}), 0) << "a fault is shown before it happened";
  EXPECT_EQ(text.value("rhumb_requests_total", {{"route", "api"}, {"region", "eu"}, {"code_class", "2xx"}}), 300);
  EXPECT_EQ(text.value("rhumb_body_bytes_total", {{"route", "api"}, {"direction", "out"}}), 15);
  EXPECT_EQ(text.value("rhumb_upstream_requests_total", {{"region", "eu"}}), 21);
}

TEST(Metrics, RequestsEndedAddUpToRequestsBegun) {
  Registry registry(2);
  registry.worker(0).requests.add(6);
  registry.worker(1).requests.add(4);
  registry.worker(1).exchanges.add(1);
  registry.worker(0).answered.add(3);
  registry.worker(1).answered.add(2);
  registry.worker(0).cut[static_cast<size_t>(base::FaultKind::client_gone)].add(2);
  registry.worker(1).cut[static_cast<size_t>(base::FaultKind::client_write_timeout)].add();
  registry.worker(0).cut[static_cast<size_t>(base::FaultKind::upstream_truncated)].add();
  const Exposition text(render_metrics(registry, upstream::Meters(2), {}, {}));
  const std::string family = "rhumb_requests_ended_total";
  EXPECT_EQ(text.types().at(family), "counter");
  EXPECT_EQ(text.value(family, {{"outcome", "answered"}, {"reason", "none"}}), 5);
  EXPECT_EQ(text.value(family, {{"outcome", "client_gone"}, {"reason", "client_gone"}}), 2);
  EXPECT_EQ(text.value(family, {{"outcome", "client_gone"}, {"reason", "client_write_timeout"}}), 1);
  EXPECT_EQ(text.value(family, {{"outcome", "aborted"}, {"reason", "upstream_truncated"}}), 1);
  double ended = 0;
  for (const Sample& sample : text.samples())
    if (sample.name == family) ended += std::strtod(sample.value.c_str(), nullptr);
  EXPECT_EQ(text.value("rhumb_exchanges_total"), ended + text.value("rhumb_exchanges"));
}

TEST(Metrics, LabelValuesAreEscaped) {
  Registry registry(1);
  const std::string odd = "a\"b\\c\nd";
  registry.route(odd, "eu")[0]->responses[4].add(2);
  upstream::Meters meters(1);
  const std::string text = render_metrics(registry, meters, {report_of(odd)}, {});
  EXPECT_NE(text.find(R"(route="a\"b\\c\nd")"), std::string::npos);
  const Exposition read(text);
  EXPECT_EQ(read.value("rhumb_requests_total", {{"route", odd}}), 2);
  EXPECT_EQ(read.value("rhumb_region_healthy", {{"region", odd}}), 1);
}

TEST(Metrics, HistogramBucketsAreCumulativeAndEndWithInf) {
  Registry registry(2);
  const auto cells = registry.route("api", "eu");
  cells[0]->duration.observe(base::Micros(90));
  cells[1]->duration.observe(base::Micros(900));
  cells[1]->duration.observe(base::Seconds(100));
  const Exposition text(render_metrics(registry, upstream::Meters(2), {}, {}));
  double before = 0;
  std::vector<std::string> bounds;
  for (const Sample& sample : text.samples()) {
    if (sample.name != "rhumb_request_duration_seconds_bucket" || sample.labels.at("route") != "api") continue;
    const double value = std::strtod(sample.value.c_str(), nullptr);
    EXPECT_GE(value, before);
    before = value;
    bounds.push_back(sample.labels.at("le"));
  }
  ASSERT_EQ(bounds.size(), base::LatencyHistogram::kBounds.size() + 1);
  EXPECT_EQ(bounds.front(), "0.0001");
  EXPECT_EQ(bounds.back(), "+Inf");
  EXPECT_EQ(text.value("rhumb_request_duration_seconds_bucket", {{"route", "api"}, {"le", "0.0001"}}), 1);
  EXPECT_EQ(text.value("rhumb_request_duration_seconds_bucket", {{"route", "api"}, {"le", "0.001"}}), 2);
  EXPECT_EQ(text.value("rhumb_request_duration_seconds_bucket", {{"route", "api"}, {"le", "10"}}), 2);
  EXPECT_EQ(text.value("rhumb_request_duration_seconds_bucket", {{"route", "api"}, {"le", "+Inf"}}), 3);
  EXPECT_EQ(text.value("rhumb_request_duration_seconds_count", {{"route", "api"}}), 3);
  EXPECT_NEAR(text.value("rhumb_request_duration_seconds_sum", {{"route", "api"}}), 100.00099, 1e-6);
}

TEST(Metrics, LoopsTellTheirTurnsAndStalls) {
  Registry registry(2);
  registry.worker(0).turn.observe(base::Micros(80));
  registry.worker(1).turn.observe(base::Millis(20));
  registry.worker(1).stalls.add(3);
  const Exposition text(render_metrics(registry, upstream::Meters(2), {}, {}));
  EXPECT_EQ(text.types().at("rhumb_loop_turn_seconds"), "histogram");
  EXPECT_EQ(text.value("rhumb_loop_turn_seconds_bucket", {{"le", "0.0001"}}), 1);
  EXPECT_EQ(text.value("rhumb_loop_turn_seconds_bucket", {{"le", "+Inf"}}), 2);
  EXPECT_EQ(text.value("rhumb_loop_turn_seconds_count"), 2);
  EXPECT_EQ(text.value("rhumb_loop_stalls_total"), 3);
}

TEST(Metrics, RegionsTellTheirState) {
  upstream::RegionReport down = report_of("eu");
  down.state.healthy = false;
  down.state.rtt = base::Millis(25);
  down.state.in_flight = 4;
  down.state.error_rate = 0.5f;
  down.worst_detection = base::Seconds(95);
  const Exposition text(render_metrics(Registry(1), upstream::Meters(1), {down, report_of("us")}, {}));
  EXPECT_EQ(text.value("rhumb_region_healthy", {{"region", "eu"}}), 0);
  EXPECT_EQ(text.value("rhumb_region_healthy", {{"region", "us"}}), 1);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_latency_seconds", {{"region", "eu"}}), 0.025);
  EXPECT_EQ(text.value("rhumb_region_in_flight", {{"region", "eu"}}), 4);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_error_ratio", {{"region", "eu"}}), 0.5);
  EXPECT_EQ(text.value("rhumb_region_worst_detection_seconds", {{"region", "eu"}}), 95);
}

TEST(Metrics, RegionsTellWhatIsSetForThem) {
  upstream::RegionReport eu = report_of("eu");
  eu.state.draining = true, eu.state.dial = 0.25f;
  eu.went_down = 3, eu.went_up = 2;
  upstream::Override drain, one, other;
  drain.kind = upstream::OverrideKind::drain;
  one.kind = other.kind = upstream::OverrideKind::health;
  eu.overrides = {drain, one, other};
  GatewayInfo info;
  info.admin_changes = {{"applied", 5}, {"denied", 1}};
  const Exposition text(render_metrics(Registry(1), upstream::Meters(1), {eu, report_of("us")}, info));
  EXPECT_EQ(text.value("rhumb_region_draining", {{"region", "eu"}}), 1);
  EXPECT_EQ(text.value("rhumb_region_draining", {{"region", "us"}}), 0);
  EXPECT_DOUBLE_EQ(text.value("rhumb_region_dial", {{"region", "eu"}}), 0.25);
  EXPECT_EQ(text.value("rhumb_region_override", {{"region", "eu"}, {"kind", "health"}}), 2);
  EXPECT_EQ(text.value("rhumb_region_override", {{"region", "eu"}, {"kind", "drain"}}), 1);
  EXPECT_EQ(text.value("rhumb_region_override", {{"region", "us"}, {"kind", "dial"}}), 0);
  EXPECT_EQ(text.value("rhumb_region_changes_total", {{"region", "eu"}, {"to", "down"}}), 3);
  EXPECT_EQ(text.value("rhumb_region_changes_total", {{"region", "eu"}, {"to", "up"}}), 2);
  EXPECT_EQ(text.value("rhumb_admin_changes_total", {{"outcome", "applied"}}), 5);
  EXPECT_EQ(text.value("rhumb_admin_changes_total", {{"outcome", "denied"}}), 1);
}

TEST(Metrics, TheConfigurationTellsItsGenerationAndItsLastReload) {
  GatewayInfo info;
  info.config_hash = "0123456789ab";
  info.generation = 5;
  info.generations_alive = 2;
  info.last_reload_ok = false;
  info.reloads_applied = 4;
  info.reloads_refused = 1;
  const Exposition text(render_metrics(Registry(1), upstream::Meters(1), {}, info));
  EXPECT_EQ(text.value("rhumb_config_generation"), 5);
  EXPECT_EQ(text.value("rhumb_config_generations_alive"), 2);
  EXPECT_EQ(text.value("rhumb_config_last_reload_successful"), 0);
  EXPECT_EQ(text.value("rhumb_config_reloads_total", {{"verdict", "applied"}}), 4);
  EXPECT_EQ(text.value("rhumb_config_reloads_total", {{"verdict", "refused"}}), 1);
  EXPECT_EQ(text.value("rhumb_config_info", {{"hash", "0123456789ab"}}), 1);
}

}  // namespace
}  // namespace rhumb::admin
