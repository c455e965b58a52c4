// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Loaded with(const std::string& match) { return testing::load_with("routes: [{name: a, match: {" + match + "}}]\n"); }
std::vector<int> codes_for(const std::string& match) { return testing::codes(with(match).diagnostics); }

TEST(LoadMatch, LowersHostsAndDropsTheFinalDot) {
  EXPECT_THAT(with("host: [API.Example.com., \"*.Example.org\", 192.0.2.1, \"[::1]\", localhost]")
                  .spec.routes.at(0)
                  .match.hosts,
              ElementsAre("api.example.com", "*.example.org", "192.0.2.1", "[::1]", "localhost"));
  EXPECT_THAT(with("host: one.example").spec.routes.at(0).match.hosts, ElementsAre("one.example"));
}

TEST(LoadMatch, RefusesWhatIsNoHost) {
  for (const char* host :
       {"", ".", "a..b", "*", "*.", "a.*.b", "a*.b", "a:80", "http://a", "a/b", "a b", "[1.2.3.4]", "[::1"}) {
    EXPECT_THAT(codes_for(std::string("host: [\"") + host + "\"]"), ElementsAre(code::kHost)) << host;
  }
  EXPECT_THAT(codes_for("host: [a.b, A.B]"), ElementsAre(code::kDuplicateItem));
}

TEST(LoadMatch, TakesOneWayToMatchThePath) {
  EXPECT_THAT(codes_for("path: /a"), IsEmpty());
  EXPECT_THAT(codes_for("path_prefix: /a"), IsEmpty());
  EXPECT_THAT(codes_for("path_pattern: \"^/a/[0-9]+$\""), IsEmpty());
  EXPECT_THAT(codes_for("path: /a, path_prefix: /b"), ElementsAre(code::kTwoPaths));
  EXPECT_THAT(codes_for("path: /a, path_prefix: /b, path_pattern: c"), ElementsAre(code::kTwoPaths, code::kTwoPaths));
}

TEST(LoadMatch, RefusesPathsNoRequestHas) {
  for (const char* path : {"a", "", "/a?b", "/a#b", "/a b", "/a\\\\b"}) {
    EXPECT_THAT(codes_for(std::string("path: \"") + path + "\""), ElementsAre(code::kPath)) << path;
    EXPECT_THAT(codes_for(std::string("path_prefix: \"") + path + "\""), ElementsAre(code::kPath)) << path;
  }
  EXPECT_THAT(codes_for("path_pattern: \"\""), ElementsAre(code::kEmpty));
}

TEST(LoadMatch, TakesMethodsInCapitals) {
  EXPECT_THAT(codes_for("methods: [GET, PURGE]"), IsEmpty());
  EXPECT_THAT(codes_for("methods: [get]"), ElementsAre(code::kName));
  EXPECT_THAT(codes_for("methods: [\"GET POST\"]"), ElementsAre(code::kName));
  EXPECT_THAT(codes_for("methods: [GET, GET]"), ElementsAre(code::kDuplicateItem));
}

TEST(LoadMatch, LowersHeaderNamesButNotCookiesAndParameters) {
  const MatchSpec match =
      with("headers: {X-Canary: \"1\"}, cookies: {Beta: \"*\"}, query: {V: \"2\"}").spec.routes.at(0).match;
  EXPECT_THAT(match.headers, ElementsAre(Pair("x-canary", "1")));
  EXPECT_THAT(match.cookies, ElementsAre(Pair("Beta", "*")));
  EXPECT_THAT(match.query, ElementsAre(Pair("V", "2")));
}

TEST(LoadMatch, RefusesNamesThatAreNone) {
  EXPECT_THAT(codes_for("headers: {\"a b\": x}"), ElementsAre(code::kName));
  EXPECT_THAT(codes_for("cookies: {\"a;b\": x}"), ElementsAre(code::kName));
  EXPECT_THAT(codes_for("query: {\"\": x}"), ElementsAre(code::kName));
  EXPECT_THAT(codes_for("headers: {X-A: \"1\", x-a: \"2\"}"), ElementsAre(code::kDuplicateItem));
}

}  // namespace
}  // namespace rhumb::config
