// SPDX-License-Identifier: Apache-2.0
#include "config/warnings.h"

#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load_with;
using testing::rendered;

/// Whether the route with `inner` is said to be out of reach behind one with `outer`.
bool out_of_reach(const std::string& outer, const std::string& inner, const std::string& more = "") {
  const Loaded loaded =
      load_with("routes:\n  - {name: a, match: {" + outer + "}" + more + "}\n  - {name: b, match: {" + inner + "}}\n");
  EXPECT_TRUE(loaded.ok()) << rendered(loaded);
  return testing::warnings(loaded.diagnostics) == std::vector<int>{code::kUnreachable};
}

TEST(Unreachable, WhatAnEarlierRouteTakesWhole) {
  EXPECT_TRUE(out_of_reach("", ""));
  EXPECT_TRUE(out_of_reach("", "host: a.example, path: /x"));
  EXPECT_TRUE(out_of_reach("host: a.example", "host: A.example., path: /x"));
  EXPECT_TRUE(out_of_reach("host: [\"*.example\", b.test]", "host: [a.example, \"*.c.example\", b.test]"));
  EXPECT_TRUE(out_of_reach("path_prefix: /api", "path_prefix: /api/"));
  EXPECT_TRUE(out_of_reach("path_prefix: /api", "path: /api"));
  EXPECT_TRUE(out_of_reach("path_prefix: /api/", "path: /api/x"));
  EXPECT_TRUE(out_of_reach("path_pattern: \"/a.*\"", "path_pattern: \"/a.*\", methods: GET"));
  EXPECT_TRUE(out_of_reach("methods: [GET, HEAD]", "methods: [GET]"));
  EXPECT_TRUE(out_of_reach("headers: {X-A: \"*\"}", "headers: {x-a: \"1\", x-b: \"2\"}"));
  EXPECT_TRUE(out_of_reach("cookies: {a: b}, query: {c: d}", "cookies: {a: b}, query: {c: d}"));
}

TEST(Unreachable, NotWhatItLeavesSomethingOf) {
  EXPECT_FALSE(out_of_reach("host: a.example", ""));
  EXPECT_FALSE(out_of_reach("host: a.example", "host: [a.example, b.example]"));
  EXPECT_FALSE(out_of_reach("host: \"*.example\"", "host: example"));
  EXPECT_FALSE(out_of_reach("host: \"*.a.example\"", "host: \"*.example\""));
  EXPECT_FALSE(out_of_reach("path_prefix: /api", "path_prefix: /apix"));
  EXPECT_FALSE(out_of_reach("path_prefix: /api/", "path_prefix: /api"));
  EXPECT_FALSE(out_of_reach("path: /a", "path_prefix: /a"));
  EXPECT_FALSE(out_of_reach("path_pattern: \"/a.*\"", "path: /ab")) << "patterns are not looked into";
  EXPECT_FALSE(out_of_reach("methods: [GET]", ""));
  EXPECT_FALSE(out_of_reach("methods: [GET]", "methods: [GET, POST]"));
  EXPECT_FALSE(out_of_reach("headers: {x-a: \"1\"}", "headers: {x-a: \"*\"}"));
  EXPECT_FALSE(out_of_reach("query: {a: \"1\"}", "cookies: {a: \"1\"}"));
  EXPECT_FALSE(out_of_reach("", "", ", split: {percent: 50%}")) << "the other half goes on";
}

TEST(UnusedRegion, OneThatNothingNames) {
  const std::string one = "routes: [{name: r, regions: [eu-west]}]\n";
  const Loaded unused = load_with(one);
  EXPECT_TRUE(unused.ok());
  EXPECT_THAT(testing::warnings(unused.diagnostics), ElementsAre(code::kUnusedRegion));
  EXPECT_THAT(rendered(unused), HasSubstr("test.yaml:7:11: warning: no route may choose region 'us-east'"));
  EXPECT_THAT(testing::warnings(load_with(one + "fence: [{countries: [US], regions: [us-east]}]\n").diagnostics),
              IsEmpty());
  EXPECT_THAT(testing::warnings(load_with(one + "gateway: {region: us-east}\n").diagnostics), IsEmpty());
  EXPECT_THAT(testing::warnings(load_with("").diagnostics), IsEmpty());
}

TEST(NoKeys, WhereAClientIsKept) {
  const std::string sticky = "routes: [{name: r, affinity: {key: cookie}}]\n";
  EXPECT_THAT(testing::warnings(load_with(sticky).diagnostics), ElementsAre(code::kNoKeys));
  EXPECT_THAT(testing::warnings(load_with("routes: [{name: r, affinity: {key: none}}]\n").diagnostics), IsEmpty());
  const std::string keys = "sessions: {keys: [{id: 1, secret: \"" + std::string(32, 'k') + "\"}]}\n";
  EXPECT_THAT(testing::warnings(load_with(sticky + keys).diagnostics), IsEmpty());
}

TEST(Warnings, AreNotGivenForAFileWithErrors) {
  EXPECT_THAT(testing::warnings(load_with("routes: [{name: r, regions: [eu-west, moon]}]\n").diagnostics), IsEmpty());
}

TEST(Warnings, OfHugeTablesAreLeftOutRatherThanWaitedFor) {
  std::string hosts = "[";
  for (int i = 0; i < 20'000; ++i) hosts += "h" + std::to_string(i) + ".example,";
  hosts += "last.example]";
  EXPECT_FALSE(out_of_reach("host: " + hosts, "host: " + hosts));
  EXPECT_TRUE(out_of_reach("host: [a.example]", "host: [a.example]"));
}

}  // namespace
}  // namespace rhumb::config
