// SPDX-License-Identifier: Apache-2.0
#include "foresight/plan.h"

#include <gtest/gtest.h>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::Directory;
using testing::recorder_in;
using testing::small_file;
using testing::spec_of;
using testing::Traffic;

constexpr const char* kTwo =
    R"(listeners: [{name: web, address: "127.0.0.1:0"}]
regions:
  - {name: eu, location: {latitude: 50.1, longitude: 8.7}, endpoints: ["127.0.0.1:1"], max_requests: 1000}
  - {name: us, location: {latitude: 38.9, longitude: -77.5}, endpoints: ["127.0.0.1:2"], max_requests: 150}
latency: {exploration: 0%}
)";

/// Clients of known places, all on one route.
class PlanTest : public ::testing::Test {
 protected:
  PlanTest() : recorder_(recorder_in(directory_, 8192)) {}
  void clients(Traffic& traffic, int count, const char* country, double latitude, double longitude,
               bool bound = false) {
    for (int i = 0; i < count; ++i) {
      decision::RequestFacts facts;
      facts.client = base::IpAddress::v4(0x0a000000u + static_cast<uint32_t>(next_++) * 256);
      facts.where.country = geo::Country::of(country);
      facts.where.point = {latitude, longitude};
      facts.where.has_point = true;
      if (bound) facts.preference = {0, 0, 1, decision::Affinity::kept};
      traffic.one(facts, 0, "/v1/a");
    }
  }
  PlanReport planned(const std::string& next, base::WallTime since = {}) {
    const config::Spec spec = spec_of(next);
    auto recording = Recording::open(directory_ / "decisions");
    EXPECT_TRUE(recording) << recording.error();
    Plan plan(spec);
    plan.add(**recording, since);
    return plan.report();
  }

  Directory directory_;
  std::unique_ptr<Recorder> recorder_;
  int next_ = 0;
};

TEST_F(PlanTest, OfTheSameFileMovesNothing) {
  Traffic traffic(*recorder_, small_file());
  for (int i = 0; i < 20; ++i) traffic.shake(), traffic.go(200);
  const PlanReport report = planned(small_file());
  EXPECT_EQ(report.requests.all, 4000u);
  EXPECT_EQ(report.requests.moved, 0u);
  EXPECT_EQ(report.clients.moved + report.sessions.moved, 0u);
  EXPECT_GT(report.clients.all, 3900u);
  EXPECT_EQ(report.left_out, 0u);
  EXPECT_TRUE(report.routes_matrix.empty());
}

TEST_F(PlanTest, CountsAKnownShiftExactly) {
  Traffic traffic(*recorder_, kTwo);
  clients(traffic, 70, "DE", 52.5, 13.4);
  clients(traffic, 30, "US", 42.4, -71.1);
  const PlanReport report = planned(std::string(kTwo) + "geo: {countries: {DE: us}}\n");
  EXPECT_EQ(report.requests.all, 100u);
  EXPECT_EQ(report.requests.moved, 70u);
  EXPECT_EQ(report.clients.all, 100u);
  EXPECT_EQ(report.clients.moved, 70u);
  EXPECT_DOUBLE_EQ(report.moved_share(), 0.7);
  EXPECT_EQ(report.regions_matrix.at({"eu", "us"}), 70u);
  EXPECT_EQ(report.regions_matrix.at({"us", "us"}), 30u);
  EXPECT_EQ(report.regions_matrix.size(), 2u);
  EXPECT_EQ(report.no_route + report.denied + report.fenced + report.no_region, 0u);
}

TEST_F(PlanTest, SessionsStayWhereTheirRegionStays) {
  Traffic traffic(*recorder_, kTwo);
  clients(traffic, 10, "DE", 52.5, 13.4, true);
  const std::string to_us = std::string(kTwo) + "geo: {countries: {DE: us}}\n";
  EXPECT_EQ(planned(to_us).sessions.moved, 0u);
  const PlanReport fenced = planned(to_us + "fence: [{countries: [DE], regions: [us]}]\n");
  EXPECT_EQ(fenced.sessions.all, 1u) << "all show one session";
  EXPECT_EQ(fenced.sessions.moved, 1u);
  EXPECT_EQ(fenced.requests.moved, 10u);
}

TEST_F(PlanTest, SaysWhatInFlightBecomesAgainstTheLimits) {
  Traffic traffic(*recorder_, kTwo);
  traffic.states().of[0].in_flight = 100, traffic.states().of[1].in_flight = 90;
  clients(traffic, 40, "DE", 52.5, 13.4);
  clients(traffic, 10, "FR", 48.9, 2.3);
  const PlanReport report = planned(std::string(kTwo) + "geo: {countries: {DE: us}}\n");
  ASSERT_EQ(report.regions.size(), 2u);
  EXPECT_EQ(report.regions[0].peak_now, 100);
  EXPECT_DOUBLE_EQ(report.regions[0].peak_then, 20) << "four fifths of its requests leave";
  EXPECT_DOUBLE_EQ(report.regions[1].peak_then, 170);
  EXPECT_EQ(report.regions[1].limit, 150u);
}

TEST_F(PlanTest, FindsRequestsThatLoseTheirRoute) {
  Traffic traffic(*recorder_, small_file());
  traffic.go(200);
  const std::string file = small_file();
  const std::string narrowed =
      file.substr(0, file.find("routes:")) + "routes: [{name: api, match: {host: api.test, path_prefix: /v2}}]\n";
  const PlanReport report = planned(narrowed);
  EXPECT_EQ(report.requests.moved, report.requests.all);
  EXPECT_GT(report.no_route, 150u) << "all but those that found nobody before";
  EXPECT_EQ(report.routes_matrix.at({"api", ""}) + report.routes_matrix.at({"rest", ""}), 200u);
}

TEST_F(PlanTest, FindsNewWallsAndFences) {
  Traffic traffic(*recorder_, kTwo);
  clients(traffic, 6, "DE", 52.5, 13.4);
  clients(traffic, 4, "FR", 48.9, 2.3);
  const std::string two = kTwo;
  PlanReport report = planned(two + "routes: [{name: default, filters: [{geo_acl: {deny: [DE]}}]}]\n");
  EXPECT_EQ(report.denied, 6u);
  EXPECT_EQ(report.regions_matrix.at({"eu", ""}), 6u);
  report = planned(two + "routes: [{name: default, filters: [{ip_acl: {deny: [10.0.0.0/22]}}]}]\n");
  EXPECT_EQ(report.denied, 4u) << "by the network of the client";
  report = planned(two + "fence: [{countries: [FR], regions: [us]}]\nroutes: [{name: default, regions: [eu]}]\n");
  EXPECT_EQ(report.fenced, 4u);
}

TEST_F(PlanTest, ARegionThatGoesTakesItsRequestsElsewhere) {
  Traffic traffic(*recorder_, small_file());
  traffic.go(300);
  std::string next = small_file();
  const size_t ap = next.find("  - {name: ap"), routes = next.find("routes:");
  next.erase(ap, routes - ap);
  const PlanReport report = planned(next);
  for (const auto& [move, count] : report.regions_matrix) EXPECT_NE(move.second, "ap") << count;
  EXPECT_GT(report.requests.moved, 20u);
  EXPECT_EQ(report.no_region, 0u);
}

TEST_F(PlanTest, LooksBackAsFarAsItIsTold) {
  Traffic traffic(*recorder_, kTwo);
  clients(traffic, 50, "DE", 52.5, 13.4);
  EXPECT_EQ(planned(kTwo, base::WallTime(base::Micros(1'000'030))).requests.all, 20u);
}

TEST_F(PlanTest, AnOperatorsDialStaysAndTheFilesIsTheCandidates) {
  Traffic traffic(*recorder_, kTwo);
  traffic.states().of[1].dial = 0;  // turned by hand
  clients(traffic, 10, "DE", 52.5, 13.4);
  const std::string dialled = [] {
    std::string text = kTwo;
    return text.replace(text.find("max_requests: 1000"), 18, "dial: 0%");
  }();
  EXPECT_EQ(planned(dialled).no_region, 10u) << "eu by the candidate, us by hand";
}

TEST_F(PlanTest, WithoutARecordingAsksAPopulation) {
  const std::vector<Place> people{{{52.5, 13.4}, geo::Country::of("DE"), 300},
                                  {{42.4, -71.1}, geo::Country::of("US"), 100}};
  const config::Spec next = spec_of(std::string(kTwo) + "geo: {countries: {DE: us}}\n");
  Plan plan(next);
  plan.add(decision::compile_policies(spec_of(kTwo)), people);
  const PlanReport report = plan.report();
  EXPECT_TRUE(report.synthetic);
  EXPECT_EQ(report.requests.all, 400u);
  EXPECT_EQ(report.requests.moved, 300u);
  EXPECT_EQ(report.regions_matrix.at({"eu", "us"}), 300u);
}

TEST_F(PlanTest, APopulationMovesNowhereForTheSameFile) {
  const config::Spec spec = spec_of(small_file());
  const PlanReport report = plan_made_up(spec, spec, nullptr);
  EXPECT_GT(report.requests.all, 400u) << "every country, on both routes";
  EXPECT_EQ(report.requests.moved, 0u);
}

}  // namespace
}  // namespace rhumb::foresight
