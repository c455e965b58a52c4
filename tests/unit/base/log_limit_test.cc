// SPDX-License-Identifier: Apache-2.0
#include "base/log_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace rhumb::base {
namespace {

class LogLimitTest : public ::testing::Test {
 protected:
  uint32_t admitted(const std::string& message, int times) {
    uint32_t count = 0;
    for (int i = 0; i < times; ++i) count += limit_.admit(message, now_) ? 1 : 0;
    return count;
  }
  std::vector<std::string> settled() {
    std::vector<std::string> out;
    limit_.settle(now_, [&](uint64_t count, std::string_view message) {
      out.push_back(std::to_string(count) + " " + std::string(message));
    });
    return out;
  }
  LogLimit limit_;
  Instant now_{Seconds(100)};
};

TEST_F(LogLimitTest, TheSameIsSaidSoOftenASecondAndThenAgain) {
  EXPECT_EQ(admitted("disk full", 1000), LogLimit::kPerSecond);
  now_ += Seconds(1);
  EXPECT_EQ(admitted("disk full", 1000), LogLimit::kPerSecond);
  EXPECT_EQ(limit_.left_out(), 2 * (1000u - LogLimit::kPerSecond));
}

TEST_F(LogLimitTest, NumbersDoNotMakeAnotherSentenceButNamesDo) {
  for (int i = 0; i < 100; ++i) admitted("peer 10.0.0." + std::to_string(i) + " went away", 1);
  EXPECT_EQ(limit_.left_out(), 100u - LogLimit::kPerSecond);
  EXPECT_EQ(admitted("region eu is down", 1), 1u);
  EXPECT_EQ(admitted("region us is down", 1), 1u);
}

TEST_F(LogLimitTest, WhatWasLeftOutIsToldOnceWhenItsSecondIsOver) {
  admitted("a", 15);
  EXPECT_TRUE(settled().empty()) << "more may follow";
  now_ += Seconds(1);
  EXPECT_EQ(settled(), std::vector<std::string>{"5 a"});
  EXPECT_TRUE(settled().empty());
}

TEST_F(LogLimitTest, NothingThatIsStillToBeToldIsForgottenForOthers) {
  admitted("first", 11);
  now_ += Seconds(2);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(admitted(std::string(3, static_cast<char>('A' + i)), 1), 1u);
  EXPECT_EQ(settled(), std::vector<std::string>{"1 first"});
}

TEST_F(LogLimitTest, WithMoreSentencesThanItRemembersAllAreSaid) {
  for (int round = 0; round < 20; ++round)
    for (int i = 0; i < 100; ++i) admitted(std::string(2, static_cast<char>('A' + i)), 1);
  EXPECT_GE(limit_.left_out(), 64u);
  EXPECT_EQ(admitted("quite another one", 1), 1u);
}

}  // namespace
}  // namespace rhumb::base
