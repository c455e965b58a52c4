// SPDX-License-Identifier: Apache-2.0
#include "config/origin.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/config/config_testing.h"

namespace rhumb::config {
namespace {

class Origin : public ::testing::Test {
 protected:
  const Value* at(const std::string& more, const std::vector<std::string>& keys) {
    loaded_ = testing::load_with(more);
    EXPECT_TRUE(loaded_.ok()) << testing::rendered(loaded_);
    if (!loaded_.ok()) return nullptr;
    all_ = meaning_of(*loaded_.spec.tree, {});
    const Value* value = &all_;
    for (const std::string& key : keys) value = value == nullptr ? nullptr : value->find(key);
    EXPECT_NE(value, nullptr);
    return value;
  }
  std::string origin(const std::string& more, const std::vector<std::string>& keys) {
    const Value* value = at(more, keys);
    return value != nullptr ? origin_of(*value, loaded_.sources) : "nothing there";
  }
  std::string secret(const std::string& text) {
    const Value* value = at("sessions: {keys: [{id: 1, secret: " + text + "}]}\n", {"sessions", "keys", "1", "secret"});
    return value != nullptr ? shown_text(*value, loaded_.sources) : "nothing there";
  }
  Loaded loaded_;
  Value all_;
};

const std::string kSecret(32, 's');

TEST_F(Origin, IsFileAndLine) {
  EXPECT_EQ(origin("latency:\n  half_life: 5s\n", {"latency", "half_life"}), "test.yaml:11");
  EXPECT_EQ(origin("", {"latency", "half_life"}), "default");
  EXPECT_EQ(origin("", {"regions", "us-east", "endpoints"}), "test.yaml:9");
}

TEST_F(Origin, NamesTheVariablesAValueIsMadeOf) {
  const testing::Environment one("RHUMB_TEST_A", "5"), two("RHUMB_TEST_B", "s");
  EXPECT_EQ(origin("latency:\n  half_life: ${RHUMB_TEST_A}s\n", {"latency", "half_life"}),
            "${RHUMB_TEST_A} in test.yaml:11");
  EXPECT_EQ(origin("latency: {half_life: \"${RHUMB_TEST_A}${RHUMB_TEST_B:-ms}\"}\n", {"latency", "half_life"}),
            "${RHUMB_TEST_A} ${RHUMB_TEST_B} in test.yaml:10");
  EXPECT_EQ(origin("gateway: {region: eu-west}\nsessions:\n  path: /$${x}\n", {"sessions", "path"}), "test.yaml:12")
      << "a doubled dollar is no variable";
}

TEST_F(Origin, FindsItsPlaceBehindWideCharacters) {
  const testing::Environment one("RHUMB_TEST_A", "/x");
  EXPECT_EQ(origin("routes: [{name: a, match: {query: {\"\u00e9\u20ac\": \"1\"}, path: \"${RHUMB_TEST_A}\"}}]\n",
                   {"routes", "a", "match", "path"}),
            "${RHUMB_TEST_A} in test.yaml:10");
}

TEST(OriginOfAPlace, WithoutALineIsItsSource) {
  SourceList sources;
  sources.add("rhumb.yaml", "version: 1\n");
  Node node;
  node.place = {sources.add("environment X", {}), 0, 0, 1};
  Value value;
  value.given = true;
  value.node = &node;
  EXPECT_EQ(origin_of(value, sources), "environment X");
  node.place = {};
  EXPECT_EQ(origin_of(value, sources), "");
}

TEST_F(Origin, ASecretIsNeverShown) {
  EXPECT_EQ(secret(kSecret), "***");
  EXPECT_EQ(secret("\"" + kSecret + "\""), "***");
  EXPECT_EQ(secret("\"!!file " + kSecret + "\""), "***");
}

TEST_F(Origin, WhereASecretComesFromMayBeShown) {
  const testing::TemporaryDirectory directory;
  const std::string key = directory.write("key", kSecret + "\n");
  std::filesystem::permissions(key, std::filesystem::perms::owner_read);
  const std::string reference = "!file " + key;
  EXPECT_EQ(secret("\"" + reference + "\""), reference);
  const testing::Environment variable("RHUMB_TEST_A", kSecret.c_str());
  EXPECT_EQ(secret("\"${RHUMB_TEST_A}\""), "${RHUMB_TEST_A}");
}

TEST_F(Origin, ADefaultOrARestBesideAVariableIsSecretToo) {
  const testing::Environment variable("RHUMB_TEST_A", "x");
  EXPECT_EQ(secret("\"${RHUMB_TEST_A}" + kSecret + "\""), "***");
  EXPECT_EQ(secret("\"${RHUMB_TEST_MISSING:-" + kSecret + "}\""), "***");
}

}  // namespace
}  // namespace rhumb::config
