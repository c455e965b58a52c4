// SPDX-License-Identifier: Apache-2.0
#include "filters/refusal.h"

#include <gtest/gtest.h>

#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::TestExchange;

class RefusalTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Chain> some(bool (*wanted)(std::string_view)) {
    return some_of(loaded_.spec, loaded_.spec.routes.at(0), wanted);
  }
  config::Loaded loaded_ = testing::load(
      "routes: [{name: all, filters: [{redirect: {to: \"https://b.example/\", status: 301}}, "
      "{methods: {allow: [GET]}}, {ip_acl: {deny: [10.0.0.0/8]}}]}]\n");
};

TEST_F(RefusalTest, TellsWhoAnswersAndWithWhat) {
  const auto guards = some([](std::string_view name) { return name != "redirect"; });
  ASSERT_NE(guards, nullptr);
  TestExchange denied, passed;
  const auto refused = refusal(*guards, denied.from("10.1.2.3").view);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->by, "ip_acl");
  EXPECT_EQ(refused->status, 403);
  EXPECT_FALSE(refusal(*guards, passed.view));
}

TEST_F(RefusalTest, AnAnswerOfAFilterCounts) {
  const auto chain = some([](std::string_view) { return true; });
  TestExchange exchange;
  const auto refused = refusal(*chain, exchange.view);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->by, "redirect");
  EXPECT_EQ(refused->status, 301);
}

TEST_F(RefusalTest, OfNoFilterThereIsNoChain) {
  EXPECT_EQ(some([](std::string_view name) { return name == "fault"; }), nullptr);
}

}  // namespace
}  // namespace rhumb::filters
