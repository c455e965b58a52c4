// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin_endpoints.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "admin/metrics.h"
#include "tests/unit/admin/replies.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

class AdminEndpoints : public ::testing::Test {
 protected:
  AdminEndpoints() {
    add_admin_endpoints(router_, {[this]() -> const World& { return world_; }, [this] { return not_ready_; },
                                  [this] {
                                    upstream::RegionReport eu;
                                    eu.name = "eu";
                                    return admin::metrics_source({registry_, meters_, {eu}, {}});
                                  }});
  }
  admin::Registry registry_{1};
  upstream::Meters meters_{1};
  World world_ = testing::world_of(testing::kListener + testing::kTwoRegions);
  std::string not_ready_;
  admin::Router router_;
  admin::testing::Asking asking_{router_};
};

TEST_F(AdminEndpoints, AllOfThemAreForReaders) {
  for (const auto& endpoint : router_.endpoints()) {
    EXPECT_EQ(endpoint.role, admin::Role::read) << endpoint.pattern;
    EXPECT_EQ(endpoint.method, http::Method::get) << endpoint.pattern;
  }
}

TEST_F(AdminEndpoints, HealthIsTheProcess) {
  not_ready_ = "draining";
  EXPECT_EQ(asking_.get("/healthz").status, 200) << "it lives, whatever else";
  const auto answer = asking_.get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "draining\n");
  not_ready_.clear();
  EXPECT_EQ(asking_.get("/readyz").status, 200);
}

TEST_F(AdminEndpoints, MetricsAreText) {
  const auto answer = asking_.get("/metrics");
  ASSERT_NE(asking_.replies->source, nullptr) << "a scrape is a stream";
  const std::string& text = answer.body;
  EXPECT_NE(text.find("rhumb_region_healthy{region=\"eu\"} 1\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n"));
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(AdminEndpoints, ExplainAnswersInBothForms) {
  const auto json = asking_.get("/v1/explain?ip=192.0.2.1&host=a.example&path=%2Fx");
  EXPECT_EQ(json.status, 200);
  EXPECT_TRUE(nlohmann::json::accept(json.body)) << json.body;
  const auto text = asking_.get("/v1/explain?ip=192.0.2.1&format=text");
  EXPECT_EQ(text.content_type, "text/plain; charset=utf-8");
  EXPECT_FALSE(nlohmann::json::accept(text.body));
}

TEST_F(AdminEndpoints, ABadQuestionIsToldWhatIsWrong) {
  const auto answer = asking_.get("/v1/explain?ip=nowhere");
  EXPECT_EQ(answer.status, 400);
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(json.is_object()) << answer.body;
  EXPECT_EQ(json["error"]["code"], "bad_question");
  EXPECT_NE(json["error"]["message"].get<std::string>().find("nowhere"), std::string::npos);
}

TEST_F(AdminEndpoints, TheIndexNamesItselfAndTheOthers) {
  const auto json = nlohmann::json::parse(asking_.get("/v1").body);
  EXPECT_EQ(json["endpoints"].size(), router_.endpoints().size());
}

}  // namespace
}  // namespace rhumb::proxy
