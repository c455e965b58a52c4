// SPDX-License-Identifier: Apache-2.0
#include "admin/router.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/unit/admin/replies.h"

namespace rhumb::admin {
namespace {

using http::Method;

class AdminRouter : public ::testing::Test {
 protected:
  AdminRouter() {
    add(Method::get, "/v1/regions/{region}/health", Role::read);
    add(Method::get, "/v1/regions", Role::read);
    add(Method::put, "/v1/regions/{region}/health", Role::operate);
    add(Method::delete_, "/v1/regions/{region}/health", Role::operate);
    add(Method::get, "/v1/regions/all/health", Role::read);
    add(Method::post, "/v1/config:reload", Role::admin);
    router_.add(
        {Method::get, "/throws", Role::read, "", [](const Request&, const Reply&) { throw std::runtime_error("oh"); }});
  }
  void add(Method method, std::string_view pattern, Role role) {
    router_.add({method, pattern, role, "what it does", [this, pattern](const Request& request, const Reply& reply) {
                   captured_ = request.captures.empty() ? "" : request.capture("region");
                   reply.send({200, "text/plain", std::string(pattern)});
                 }});
  }
  std::string code(const Response& response) {
    const auto json = nlohmann::json::parse(response.body, nullptr, false);
    return json.is_object() && json.contains("error") ? json["error"]["code"].get<std::string>() : response.body;
  }

  Router router_;
  std::string captured_;
  testing::Asking asking_{router_};
};

TEST_F(AdminRouter, FindsTheEndpointOfThePath) {
  EXPECT_EQ(asking_.get("/v1/regions").body, "/v1/regions");
  EXPECT_EQ(asking_.get("/v1/regions?x=/y").body, "/v1/regions");
  EXPECT_EQ(asking_.get("/v1/regions/eu/health").body, "/v1/regions/{region}/health");
  EXPECT_EQ(asking_.ask(Method::post, "/v1/config:reload").body, "/v1/config:reload");
  EXPECT_EQ(asking_.get("/v1/regions/all/health").body, "/v1/regions/all/health") << "the exact one before the pattern";
}

TEST_F(AdminRouter, ASegmentIsCapturedDecoded) {
  asking_.get("/v1/regions/eu%2Fwest%20%C3%A4+1/health");
  EXPECT_EQ(captured_, "eu/west \xC3\xA4+1");
}

TEST_F(AdminRouter, WhatIsNotThereIsNotFoundAndNothingIsListed) {
  for (const char* target : {"/", "/v1/region", "/v1/regions/", "/v1/regions//health", "/v1/regions/eu", "//v1/regions",
                             "/v1/regions/eu/health/x", "/v1/./regions", "*"}) {
    const Response response = asking_.get(target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(code(response), "not_found");
    EXPECT_EQ(response.body.find("regions"), std::string::npos);
  }
}

TEST_F(AdminRouter, AnotherMethodIsToldWhichThereAre) {
  const Response response = asking_.ask(Method::post, "/v1/regions/eu/health");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(code(response), "method");
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].first, "Allow");
  EXPECT_EQ(response.headers[0].second, "GET, HEAD, PUT, DELETE");
  EXPECT_EQ(asking_.ask(Method::options, "/v1/config:reload").headers[0].second, "POST");
  EXPECT_EQ(asking_.ask(Method::other, "/v1/config:reload").status, 405);
}

TEST_F(AdminRouter, AHeadIsAGet) {
  EXPECT_EQ(asking_.ask(Method::head, "/v1/regions").status, 200);
  EXPECT_EQ(asking_.ask(Method::head, "/v1/config:reload").status, 405);
}

TEST_F(AdminRouter, ARoleMayDoWhatTheOnesBeforeMay) {
  const auto put = [&](Role role) { return asking_.ask(Method::put, "/v1/regions/eu/health", "{}", role); };
  EXPECT_EQ(put(Role::read).status, 403);
  EXPECT_EQ(code(put(Role::read)), "role");
  EXPECT_EQ(put(Role::operate).status, 200);
  EXPECT_EQ(put(Role::admin).status, 200);
  EXPECT_EQ(asking_.ask(Method::post, "/v1/config:reload", "", Role::operate).status, 403);
  EXPECT_EQ(asking_.get("/v1/regions", Role::read).status, 200);
}

TEST_F(AdminRouter, WhatAnEndpointThrowsIsAnInternalError) {
  const Response response = asking_.get("/throws");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("oh"), std::string::npos) << "said in the log alone";
}

TEST_F(AdminRouter, TheIndexNamesAll) {
  const auto json = nlohmann::json::parse(router_.index());
  ASSERT_EQ(json["endpoints"].size(), router_.endpoints().size());
  EXPECT_EQ(
      json["endpoints"][0],
      (nlohmann::json{{"method", "GET"}, {"path", "/v1/regions"}, {"role", "read"}, {"summary", "what it does"}}));
}

}  // namespace
}  // namespace rhumb::admin
