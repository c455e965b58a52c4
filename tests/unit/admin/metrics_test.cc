// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include "page_reader.h"

namespace rhumb::admin {
namespace {

using namespace testing;

TEST(Metrics, EveryLineIsWellFormedAndNoSeriesAppearsTwice) {
  Registry registry(2);
  registry.route("api", "eu")[0]->responses[2].add();
  registry.route("api", "us")[1]->responses[5].add();
  registry.route("api", "")[0]->responses[4].add();
  upstream::Meters meters(2);
  meters.of("eu");
  meters.of("us");
  GatewayInfo info{.version = "9.8.7", .config_hash = "abc"};
  info.geo_epochs = {{"/a.mmdb", 1'700'000'000}, {"/b.mmdb", 1'800'000'000}};
  const PageReader text(render_metrics(registry, meters, {report_of("eu"), report_of("us")}, info));
  EXPECT_GT(text.samples().size(), 50u);
  EXPECT_EQ(text.types().at("rhumb_request_duration_seconds"), "histogram");
  EXPECT_EQ(text.types().at("rhumb_requests_total"), "counter");
  EXPECT_EQ(text.types().at("rhumb_connections"), "gauge");
  EXPECT_EQ(text.value("rhumb_build_info", {{"version", "9.8.7"}}), 1);
  EXPECT_EQ(text.value("rhumb_geo_db_build_timestamp_seconds", {{"path", "/b.mmdb"}}), 1'800'000'000);
}

/// So many pairs of routes and regions, all of which saw requests.
void fill(Registry& registry, int routes, int regions) {
  for (int route = 0; route < routes; ++route)
    for (int region = 0; region < regions; ++region) {
      const auto cells = registry.route("route-" + std::to_string(route), "region-" + std::to_string(region));
      cells[0]->responses[2].add(7);
      cells[0]->duration.observe(base::Millis(3));
    }
}

TEST(Metrics, APageOfTwentyThousandSeriesComesInPiecesOfWhichEachIsShort) {
  Registry registry(4);
  upstream::Meters meters(4);
  fill(registry, 54, 10);
  Page page = metrics_page({registry, meters, {}, {}});
  std::string all;
  size_t pieces = 0;
  for (bool more = true; more; ++pieces) {
    std::string piece;
    more = page.next(piece);
    EXPECT_LE(piece.size(), 64u * 1024);
    EXPECT_TRUE(piece.empty() || piece.back() == '\n') << "a piece ends with a line";
    all += piece;
  }
  EXPECT_GT(pieces, 50u);
  const PageReader text(all);
  EXPECT_GT(text.samples().size(), 20'000u);
  EXPECT_EQ(text.value("rhumb_requests_total", {{"route", "route-53"}, {"region", "region-9"}}), 7);
}

TEST(Metrics, APageIsRightAlsoWhenAReloadBringsRoutesMeanwhile) {
  Registry registry(1);
  upstream::Meters meters(1);
  fill(registry, 40, 10);
  Page page = metrics_page({registry, meters, {}, {}});
  std::string all;
  for (int i = 0; page.next(all); ++i) registry.route("new-" + std::to_string(i), "")[0]->responses[2].add();
  EXPECT_GT(PageReader(all).samples().size(), 10'000u);
}

}  // namespace
}  // namespace rhumb::admin
