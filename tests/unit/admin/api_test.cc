// SPDX-License-Identifier: Apache-2.0
#include "admin/api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rhumb::admin {
namespace {

TEST(AdminRequest, ParametersAreFoundAndDecoded) {
  const Caller caller;
  const Request request{http::Method::get, "/v1/explain",
                        "ip=1.2.3.4&path=%2Fa%2fb&text=a+b&bad=%zz&short=%4&empty=&percent=%25", "", caller};
  EXPECT_EQ(request.parameter("ip"), "1.2.3.4");
  EXPECT_EQ(request.parameter("path"), "/a/b");
  EXPECT_EQ(request.parameter("text"), "a b");
  EXPECT_EQ(request.parameter("bad"), "%zz") << "what is no escape stands for itself";
  EXPECT_EQ(request.parameter("short"), "%4");
  EXPECT_EQ(request.parameter("empty"), "");
  EXPECT_EQ(request.parameter("percent"), "%");
  EXPECT_EQ(request.parameter("absent"), "");
}

TEST(AdminRequest, AParameterMayBeGivenSeveralTimes) {
  const Caller caller;
  const Request request{http::Method::get, "/v1/explain", "header=A:+b&ip=1&header=C%3A%26d&headers=x&header=", "",
                        caller};
  EXPECT_EQ(request.parameters("header"), (std::vector<std::string>{"A: b", "C:&d", ""}));
  EXPECT_TRUE(request.parameters("cookie").empty());
}

TEST(AdminResponse, AnErrorIsJsonWhateverItSays) {
  const Response response = error_response(404, "no_such_region", "there is no region '\"\n\xff'");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/json");
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  ASSERT_TRUE(json.is_object()) << response.body;
  EXPECT_EQ(json["error"]["code"], "no_such_region");
  EXPECT_TRUE(json["error"]["message"].get<std::string>().starts_with("there is no region '\"\n"));
}

TEST(AdminRole, EachMayDoWhatTheOneBeforeMay) {
  EXPECT_LT(Role::read, Role::operate);
  EXPECT_LT(Role::operate, Role::admin);
  for (const Role role : {Role::read, Role::operate, Role::admin}) EXPECT_EQ(role_of(name(role)), role);
  EXPECT_EQ(role_of("root"), std::nullopt);
}

TEST(AdminReply, OneThatNamesNothingIsHarmless) {
  const Reply reply;
  EXPECT_TRUE(reply.gone());
  reply.send({});
  reply.wake();
}

}  // namespace
}  // namespace rhumb::admin
