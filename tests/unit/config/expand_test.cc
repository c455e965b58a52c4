// SPDX-License-Identifier: Apache-2.0
#include "config/expand.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_with;
using ::testing::ElementsAre;
using testing::Environment;
using ::testing::HasSubstr;
using testing::load_with;
using ::testing::Not;
using testing::rendered;
using testing::TemporaryDirectory;

Node scalar(const std::string& text, bool quoted = true) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.scalar = text;
  node.quoted = quoted;
  return node;
}

struct Expanded {
  std::string text;
  bool hidden;
  std::vector<int> codes;
};

Expanded expanded(const std::string& text, bool quoted = true) {
  Node root;
  root.kind = Node::Kind::mapping;
  Node inner = root;
  inner.members.push_back({"secret", {}, scalar(text, quoted)});
  root.members.push_back({"a", {}, inner});
  Diagnostics diagnostics;
  expand(root, diagnostics);
  const Node& value = root.members[0].value.members[0].value;
  return {value.scalar, value.hidden, testing::codes(diagnostics)};
}

TEST(Expand, PutsInEnvironmentVariablesAndDefaults) {
  const Environment set("RHUMB_TEST_A", "one");
  const Environment blank("RHUMB_TEST_B", "");
  EXPECT_EQ(expanded("x${RHUMB_TEST_A}y${RHUMB_TEST_A}").text, "xoneyone");
  EXPECT_EQ(expanded("${RHUMB_TEST_A:-two}").text, "one");
  EXPECT_EQ(expanded("${RHUMB_TEST_B}").text, "");
  EXPECT_EQ(expanded("${RHUMB_TEST_B:-two}").text, "two");
  EXPECT_EQ(expanded("${RHUMB_TEST_NONE:-a:-b}").text, "a:-b");
  EXPECT_EQ(expanded("${RHUMB_TEST_NONE:-}").text, "");
}

TEST(Expand, LeavesOtherDollarsAlone) {
  EXPECT_EQ(expanded("^/a$").text, "^/a$");
  EXPECT_EQ(expanded("$x $$ $${HOME} %{region}").text, "$x $ ${HOME} %{region}");
}

TEST(Expand, DoesNotExpandWhatAVariableHolds) {
  const Environment set("RHUMB_TEST_A", "${HOME}$$");
  EXPECT_EQ(expanded("${RHUMB_TEST_A}").text, "${HOME}$$");
}

TEST(Expand, ReportsVariablesThatAreNotSetAndReferencesThatAreNone) {
  EXPECT_THAT(expanded("${RHUMB_TEST_NONE}").codes, ElementsAre(code::kEnvironment));
  for (const char* text : {"${", "${}", "${A", "${1A}", "${A-b}", "${a b}", "${:-x}"}) {
    EXPECT_THAT(expanded(text).codes, ElementsAre(code::kExpansion)) << text;
    EXPECT_EQ(expanded(text).text, text);
  }
}

TEST(Expand, NamesNoPieceOfASecretWithADollarSign) {
  const auto said = [](const char* text) {
    return rendered(load_with(fmt::format("sessions: {{keys: [{{id: 1, secret: \"{}\"}}]}}\n", text)));
  };
  EXPECT_THAT(said("pa${hunter2}word"), HasSubstr("error: an environment variable is not set"));
  EXPECT_THAT(said("pa${hunter2}word"), Not(HasSubstr("hunter2")));
  EXPECT_THAT(said("${rhumb_none}"), HasSubstr("the environment variable rhumb_none is not set"));
  EXPECT_THAT(said("v1:${RHUMB_TEST_NONE}"), HasSubstr("RHUMB_TEST_NONE is not set"));
}

TEST(Expand, WhatAVariableHoldsIsInNoMessage) {
  const Environment set("RHUMB_TEST_A", "hunter2");
  for (const char* more : {"gateway: {workers: \"${RHUMB_TEST_A}\"}\n", "gateway: {region: \"x${RHUMB_TEST_A}\"}\n",
                           "access_log:\n  buffer: ${RHUMB_TEST_A}\n", "include: [\"${RHUMB_TEST_A}/*.yaml\"]\n",
                           "include: \"${RHUMB_TEST_A}\"\n", "geo: {countries: {DE: \"${RHUMB_TEST_A}\"}}\n",
                           "routes: [{name: \"${RHUMB_TEST_A}\"}, {name: \"${RHUMB_TEST_A}\"}]\n"}) {
    const Loaded loaded = load_with(more);
    EXPECT_NE(loaded.diagnostics.sorted().size(), 0u) << more;
    EXPECT_THAT(rendered(loaded), Not(HasSubstr("hunter2"))) << more;
  }
}

TEST(Expand, BoundsWhatVariablesBlowUpTo) {
  const Environment set("RHUMB_TEST_A", std::string(100'000, 'x').c_str());
  std::string text;
  for (int i = 0; i < 100; ++i) text += "${RHUMB_TEST_A}";
  EXPECT_THAT(expanded(text).codes, ElementsAre(code::kExpansion));
}

TEST(Expand, ReadsASecretFromAFileWithoutItsLastLineEnd) {
  const TemporaryDirectory directory;
  const Expanded read = expanded("!file " + directory.write_secret("key", "one\ntwo\n"));
  EXPECT_EQ(read.text, "one\ntwo");
  EXPECT_TRUE(read.hidden);
  const Environment set("RHUMB_TEST_DIRECTORY", directory.path("").c_str());
  EXPECT_EQ(expanded("!file ${RHUMB_TEST_DIRECTORY}/key").text, "one\ntwo");
  EXPECT_EQ(expanded("!file " + directory.path("key"), false).text, "!file " + directory.path("key"));
}

TEST(Expand, ReportsASecretThatCannotBeRead) {
  const TemporaryDirectory directory;
  for (const std::string& path : {directory.path("missing"), directory.path(""), std::string("/dev/zero"),
                                  std::string(), directory.write_secret("large", std::string((64 << 10) + 1, 'x'))}) {
    EXPECT_THAT(expanded("!file " + path).codes, ElementsAre(code::kSecretFile)) << path;
  }
}

TEST(Expand, LeavesFreeKeysAlone) {
  EXPECT_THAT(codes_with("x-mine: {a: \"${RHUMB_TEST_NONE}\", b: \"!file /nonexistent\"}\n"), ElementsAre());
}

TEST(Expand, AppliesToTypedValues) {
  const Environment set("RHUMB_TEST_WORKERS", "3");
  EXPECT_EQ(load_with("gateway: {workers: ${RHUMB_TEST_WORKERS}, drain_timeout: \"${RHUMB_TEST_NONE:-5s}\"}\n")
                .diagnostics.errors(),
            1u)
      << "a brace in a plain flow scalar ends the mapping";
  const Loaded loaded =
      load_with("gateway:\n  workers: ${RHUMB_TEST_WORKERS}\n  drain_timeout: ${RHUMB_TEST_NONE:-5s}\n");
  ASSERT_TRUE(loaded.ok()) << rendered(loaded);
  EXPECT_EQ(loaded.spec.gateway.workers, 3u);
  EXPECT_EQ(loaded.spec.gateway.drain_timeout, base::Seconds(5));
}

TEST(Expand, NeverPrintsASecret) {
  const TemporaryDirectory directory;
  const std::string value = "\"!file " + directory.write_secret("key", "hunter2") + "\"";
  const Loaded loaded =
      load_with("sessions:\n  keys: [{id: 1, secret: " + value + "}]\ngateway: {region: " + value + "}\n");
  EXPECT_THAT(testing::codes(loaded.diagnostics), ElementsAre(code::kShortSecret, code::kSecretFile));
  EXPECT_THAT(rendered(loaded), Not(HasSubstr("hunter2")));
  EXPECT_THAT(render_json(loaded.diagnostics, loaded.sources), Not(HasSubstr("hunter2")));
}

TEST(Expand, ReportsAValueThatItCouldNotExpandOnce) {
  EXPECT_THAT(codes_with("gateway: {workers: \"${RHUMB_TEST_NONE}\", region: \"${RHUMB_TEST_NONE}\"}\n"),
              ElementsAre(code::kEnvironment, code::kEnvironment));
  EXPECT_THAT(codes_with("geo: {databases: [\"${RHUMB_TEST_NONE}\"], countries: {US: \"${RHUMB_TEST_NONE}\"}}\n"),
              ElementsAre(code::kEnvironment, code::kEnvironment));
}

}  // namespace
}  // namespace rhumb::config
