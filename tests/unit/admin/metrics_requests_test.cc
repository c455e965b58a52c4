// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"
#include "page_reader.h"

namespace rhumb::admin {
namespace {

using namespace testing;

TEST(MetricsOfRequests, CountersOfAllWorkersAreSummed) {
  Registry registry(3);
  for (unsigned i = 0; i < 3; ++i) {
    registry.route("api", "eu")[i]->responses[2].add(100);
    registry.route("api", "eu")[i]->bytes_out.add(5);
  }
  const PageReader text(render_metrics(registry, upstream::Meters(3), {}, {}));
  EXPECT_EQ(text.value("rhumb_requests_total", {{"route", "api"}, {"region", "eu"}, {"code_class", "2xx"}}), 300);
  EXPECT_EQ(text.value("rhumb_body_bytes_total", {{"route", "api"}, {"direction", "out"}}), 15);
}

TEST(MetricsOfRequests, RequestsEndedAddUpToRequestsBegun) {
  Registry registry(2);
  registry.worker(0).requests.add(6);
  registry.worker(1).requests.add(4);
  registry.worker(1).exchanges.add(1);
  registry.worker(0).answered.add(3);
  registry.worker(1).answered.add(2);
  registry.worker(0).cut[static_cast<size_t>(base::FaultKind::client_gone)].add(2);
  registry.worker(1).cut[static_cast<size_t>(base::FaultKind::client_write_timeout)].add();
  registry.worker(0).cut[static_cast<size_t>(base::FaultKind::upstream_truncated)].add();
  const PageReader text(render_metrics(registry, upstream::Meters(2), {}, {}));
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

TEST(MetricsOfRequests, LabelValuesAreEscaped) {
  Registry registry(1);
  const std::string odd = "a\"b\\c\nd";
  registry.route(odd, "eu")[0]->responses[4].add(2);
  upstream::Meters meters(1);
  const std::string text = render_metrics(registry, meters, {report_of(odd)}, {});
  EXPECT_NE(text.find(R"(route="a\"b\\c\nd")"), std::string::npos);
  const PageReader read(text);
  EXPECT_EQ(read.value("rhumb_requests_total", {{"route", odd}}), 2);
  EXPECT_EQ(read.value("rhumb_region_healthy", {{"region", odd}}), 1);
}

TEST(MetricsOfRequests, HistogramBucketsAreCumulativeAndEndWithInf) {
  Registry registry(2);
  const auto cells = registry.route("api", "eu");
  cells[0]->responses[2].add(3);
  cells[0]->duration.observe(base::Micros(90));
  cells[1]->duration.observe(base::Micros(900));
  cells[1]->duration.observe(base::Seconds(100));
  const PageReader text(render_metrics(registry, upstream::Meters(2), {}, {}));
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

TEST(MetricsOfRequests, ARouteAndRegionThatSawNoneHaveNoSeries) {
  Registry registry(1);
  registry.route("api", "eu")[0]->responses[2].add();
  registry.route("api", "us");
  const PageReader text(render_metrics(registry, upstream::Meters(1), {}, {}));
  for (const Sample& sample : text.samples()) {
    const auto region = sample.labels.find("region");
    EXPECT_TRUE(region == sample.labels.end() || region->second != "us") << sample.name;
  }
}

TEST(MetricsOfRequests, EachListenerTellsItsOwnOverAllWorkers) {
  Registry registry(2);
  ListenerCells& web = registry.listener("web");
  web.by_worker[0].responses[2].add(3);
  web.by_worker[1].responses[2].add(4);
  web.by_worker[1].responses[5].add();
  registry.listener("internal").by_worker[0].responses[2].add();
  const PageReader text(render_metrics(registry, upstream::Meters(2), {}, {}));
  const std::string family = "rhumb_listener_requests_total";
  EXPECT_EQ(text.value(family, {{"listener", "web"}, {"code_class", "2xx"}}), 7);
  EXPECT_EQ(text.value(family, {{"listener", "web"}, {"code_class", "5xx"}}), 1);
  EXPECT_EQ(text.value(family, {{"listener", "internal"}, {"code_class", "2xx"}}), 1);
}

}  // namespace
}  // namespace rhumb::admin
