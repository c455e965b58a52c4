// SPDX-License-Identifier: Apache-2.0
#include "admin/json_body.h"

#include <gtest/gtest.h>

namespace rhumb::admin {
namespace {

std::string problem_of(std::string_view text) {
  JsonBody body(text, {"healthy", "ttl", "reason"});
  (void)body.boolean("healthy");
  (void)body.duration("ttl", base::Seconds(1), base::Seconds(86400), "it must end");
  (void)body.text("reason", 10);
  return body.problem();
}

TEST(JsonBody, ReadsWhatIsThere) {
  JsonBody body(R"({"healthy": false, "ttl": "1h30m", "reason": "a b"})", {"healthy", "ttl", "reason", "more"});
  EXPECT_FALSE(body.boolean("healthy"));
  EXPECT_EQ(body.duration("ttl", base::Seconds(1), base::Seconds(86400), ""), base::Seconds(5400));
  EXPECT_EQ(body.text("reason", 10), "a b");
  EXPECT_EQ(body.text("more", 10), "");
  EXPECT_TRUE(body.ok());
}

TEST(JsonBody, ASharesIsANumberOrAPercentage) {
  for (const auto& [text, share] : {std::pair{"0", 0.0}, {"1", 1.0}, {"0.25", 0.25}, {"\"25%\"", 0.25}}) {
    JsonBody body(std::string("{\"dial\":") + text + "}", {"dial"});
    EXPECT_DOUBLE_EQ(body.share("dial"), share) << body.problem();
    EXPECT_TRUE(body.ok());
  }
  for (const char* text : {"-0.1", "1.01", "\"101%\"", "\"0.5\"", "true", "null", "\"\"", "1e999"}) {
    JsonBody body(std::string("{\"dial\":") + text + "}", {"dial"});
    (void)body.share("dial");
    EXPECT_FALSE(body.ok()) << text;
  }
}

TEST(JsonBody, SaysTheFirstThingThatIsWrong) {
  EXPECT_EQ(problem_of(R"({"healty": true, "ttl": "10m"})"), "unknown key 'healty'; did you mean 'healthy'?");
  EXPECT_EQ(problem_of(R"({"healthy": true, "ttl": "10m", "xyz": 1})"),
            "unknown key 'xyz'; there are healthy, ttl, reason");
  EXPECT_EQ(problem_of(R"({"healthy": true, "ttl": "10m", "healthy": false})"), "'healthy' stands twice");
  EXPECT_EQ(problem_of(R"({"healthy": 1, "ttl": "10m"})"), "'healthy' must be there, true or false");
  EXPECT_EQ(problem_of(R"({"healthy": true})"), "'ttl' must be there, from 1s to 1d (\"10m\"): it must end");
  EXPECT_EQ(problem_of(R"({"healthy": true, "ttl": "2d"})"),
            "'ttl' must be there, from 1s to 1d (\"10m\"): it must end");
  EXPECT_EQ(problem_of(R"({"healthy": true, "ttl": 600})"),
            "'ttl' must be there, from 1s to 1d (\"10m\"): it must end");
  EXPECT_NE(problem_of(R"({"healthy": true, "ttl": "10"})").find("'ttl': "), std::string::npos);
  EXPECT_NE(problem_of(R"({"healthy": true, "ttl": "10m", "reason": "a\nb"})").find("one line"), std::string::npos);
  EXPECT_NE(problem_of(R"({"healthy": true, "ttl": "10m", "reason": "01234567890"})").find("10 bytes"),
            std::string::npos);
  EXPECT_EQ(problem_of(R"({"healthy": true, "ttl": "10m", "reason": 1})"), "'reason' must be a text");
}

TEST(JsonBody, WhatIsNoObjectIsRefused) {
  for (const char* text : {"[]", "1", "{", "{}x", "nonsense", "{\"healthy\":\xff}", "null"})
    EXPECT_EQ(problem_of(text), "the body must be one JSON object") << text;
  EXPECT_EQ(problem_of(""), "'healthy' must be there, true or false") << "no body is an empty object";
  EXPECT_FALSE(problem_of(std::string(100'000, '[')).empty());
  EXPECT_FALSE(problem_of("{\"ttl\":" + std::string(100'000, '[')).empty());
}

}  // namespace
}  // namespace rhumb::admin
