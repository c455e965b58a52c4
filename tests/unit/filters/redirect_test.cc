// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using testing::TestExchange;
namespace code = config::code;

class Redirect : public ::testing::Test {
 protected:
  /// "308 https://...", or nothing when the request passes.
  std::string run(const std::string& options) {
    built_ = build("{redirect: " + options + "}");
    EXPECT_TRUE(built_.codes().empty()) << built_.text();
    const Verdict verdict = exchange_.run(*built_.chain);
    if (verdict.kind() != Verdict::Kind::reply) return "";
    return std::to_string(verdict.reply().status) + " " + std::string(verdict.reply().location);
  }
  TestExchange exchange_;
  testing::Built built_;
};

TEST_F(Redirect, SendsElsewhere) {
  exchange_.request.has_query = true;
  exchange_.request.query = "b=1";
  EXPECT_EQ(run("{to: \"https://%{host}/new%{path}\", status: 308}"), "308 https://www.example.org/new/a");
  EXPECT_EQ(run("{to: \"https://%{host}%{target}\"}"), "302 https://www.example.org/a?b=1");
  EXPECT_EQ(run("{to: \"/fixed#part\", status: 301}"), "301 /fixed#part");
}

TEST_F(Redirect, IsNotForSharedCachesWhereItDependsOnTheClient) {
  const auto caching = [&](const std::string& options) {
    built_ = build("{redirect: " + options + "}");
    const Verdict verdict = exchange_.run(*built_.chain);
    return std::string(verdict.reply().extra_name) + ": " + std::string(verdict.reply().extra_value);
  };
  EXPECT_EQ(caching("{to: \"https://%{host}/%{country}%{path}\", status: 301}"), "Cache-Control: private");
  EXPECT_EQ(caching("{to: \"https://%{host}%{target}\", status: 301}"), ": ");
}

TEST_F(Redirect, SendsToHttpsOnlyWhatCameWithout) {
  const std::string options = "{to: \"https://%{host}%{target}\", from: http, status: 301}";
  EXPECT_EQ(run(options), "301 https://www.example.org/a");
  exchange_.view.tls = true;
  EXPECT_EQ(run(options), "");
  exchange_.view.tls = false;
  exchange_.with("X-Forwarded-Proto", "https");
  EXPECT_EQ(run(options), "");
  EXPECT_EQ(run("{to: /x, from: https}"), "302 /x");
}

TEST_F(Redirect, StaysOnTheHostWhenThePathTriesToLeaveIt) {
  exchange_.view.path = "//evil.example/x";
  EXPECT_EQ(run("{to: \"%{path}\"}"), "302 /evil.example/x");
  EXPECT_EQ(run("{to: \"/%{path}\"}"), "302 /evil.example/x");
  EXPECT_EQ(run("{to: \"%{target}\"}"), "302 /evil.example/x");
  EXPECT_EQ(run("{to: \"https://www.example.org%{path}\"}"), "302 https://www.example.org//evil.example/x");
  exchange_.view.path = "/////";
  EXPECT_EQ(run("{to: \"%{path}\"}"), "302 /");
}

TEST_F(Redirect, S26_NeverPutsALineEndIntoTheAnswer) {
  exchange_.view.path = "/a\r\nSet-Cookie: x=1";
  exchange_.request.has_query = true;
  exchange_.request.query = "\r\n\r\n<script>";
  EXPECT_EQ(run("{to: \"https://%{host}%{target}\"}"),
            "302 https://www.example.org/a%0D%0ASet-Cookie:%20x=1?%0D%0A%0D%0A%3Cscript%3E");
}

TEST_F(Redirect, PassesARequestThatNamesNoResource) {
  exchange_.request.form = http::TargetForm::asterisk;
  exchange_.view.path = "*";
  EXPECT_EQ(run("{to: \"https://%{host}%{path}\"}"), "");
}

TEST_F(Redirect, RefusesTargetsAndStatusesThatAreNone) {
  EXPECT_THAT(build("{redirect: {}}").codes(), ElementsAre(code::kMissingKey));
  EXPECT_THAT(build("{redirect: {to: \"\"}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{redirect: {to: \"/a b\"}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{redirect: {to: \"/\xc3\xa9\"}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{redirect: {to: /, status: 200}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{redirect: {to: \"/%{pth}\"}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{redirect: {too: /}}").codes(), ElementsAre(code::kUnknownKey));
}

TEST_F(Redirect, RefusesAUserAndPassword) {
  for (const char* to : {"https://user:hunter2@example.org/", "//hunter2@example.org", "https://a@b?x"}) {
    const auto built = build(std::string("{redirect: {to: \"") + to + "\"}}");
    EXPECT_THAT(built.codes(), ElementsAre(code::kNotAllowed)) << to;
    EXPECT_EQ(built.text().find("hunter2"), std::string::npos) << built.text();
  }
  for (const char* to : {"https://example.org/@home", "/a@b", "https://%{host}/?mail=a@b"})
    EXPECT_TRUE(build(std::string("{redirect: {to: \"") + to + "\"}}").codes().empty()) << to;
}

}  // namespace
}  // namespace rhumb::filters
