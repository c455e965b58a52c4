// SPDX-License-Identifier: Apache-2.0
#include "foresight/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rhumb::foresight {
namespace {

using ::testing::HasSubstr;

PlanReport sample() {
  PlanReport report;
  report.requests = {1000, 120};
  report.clients = {50, 7};
  report.no_route = 3;
  report.denied = 2;
  report.first = base::WallTime(base::Seconds(1'767'323'045));
  report.last = report.first + base::Seconds(600);
  report.regions_matrix = {{{"eu", "eu"}, 500}, {{"eu", "us"}, 115}, {{"eu", ""}, 5}, {{"us", "us"}, 380}};
  report.routes_matrix = {{{"api", ""}, 3}};
  report.regions = {{"eu", 620, 500, 62, 50, 0}, {"us", 380, 495, 40, 52, 50}};
  return report;
}

TEST(PlanText, IsWhatPeopleRead) {
  EXPECT_EQ(plan_text(sample()),
            "recorded   2026-01-02T03:04:05Z to 2026-01-02T03:14:05Z\n"
            "requests   120 of 1000 move (12.00 %)\n"
            "clients    7 of 50 move (14.00 %)\n"
            "sessions   none was recorded\n"
            "lost       0.50 %\n"
            "  3 lose their route\n"
            "  2 would be denied by geo_acl or ip_acl\n"
            "\n"
            "from \\ to   eu   us  (none)\n"
            "eu         500  115       5\n"
            "us           -  380       -\n"
            "\n"
            "region  requests now     then  in flight now  then        limit\n"
            "eu           62.00 %  50.00 %             62    50            -\n"
            "us           38.00 %  49.50 %             40    52  50 EXCEEDED\n"
            "route      api -> (none): 3 requests\n");
}

TEST(PlanText, SaysWhatItIsMadeOf) {
  PlanReport report = sample();
  report.synthetic = true;
  EXPECT_THAT(plan_text(report), HasSubstr("nothing usable is recorded: this is of a population made of the geo data"));
  report = {};
  report.left_out = 9;
  EXPECT_THAT(plan_text(report), HasSubstr("left out   9 decisions"));
  EXPECT_TRUE(report.nothing_recorded()) << "a gate that saw no decision must not say that none moves";
  report.passed_over = {"decisions.1: of another version"};
  EXPECT_THAT(plan_text(report), HasSubstr("passed over decisions.1: of another version\n"));
  EXPECT_THAT(plan_json(report), HasSubstr(R"("passed_over":["decisions.1: of another version"])"));
}

TEST(PlanText, HasTheSameAsJson) {
  const std::string json = plan_json(sample());
  EXPECT_THAT(json, HasSubstr(R"("requests":{"all":1000,"moved":120,"share":0.120000})"));
  EXPECT_THAT(json, HasSubstr(R"("moved_share":0.140000)"));
  EXPECT_THAT(json, HasSubstr(R"({"from":"eu","to":null,"requests":5})"));
  EXPECT_THAT(json, HasSubstr(R"("max_requests":null)"));
  EXPECT_THAT(json, HasSubstr(R"("lost":{"no_route":3,"denied":2,"fenced":0,"no_region":0,"share":0.005000})"));
}

}  // namespace
}  // namespace rhumb::foresight
