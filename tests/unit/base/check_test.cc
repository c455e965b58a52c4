// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <gtest/gtest.h>

namespace rhumb::base {
namespace {

TEST(Check, PassesWhatHoldsAndEvaluatesItOnce) {
  int evaluated = 0;
  RHUMB_ASSERT(++evaluated > 0);
  EXPECT_EQ(evaluated, 1);
}

TEST(Check, IsAnExpressionThatFitsAnywhere) {
  const int three = (RHUMB_ASSERT(true), 3);
  EXPECT_EQ(three, 3);
}

TEST(CheckDeathTest, NamesTheExpressionAndThePlace) {
  const int apples = 2;
  EXPECT_DEATH(RHUMB_ASSERT(apples == 3), "assertion failed: apples == 3 at .*check_test\\.cc:[0-9]+");
}

#ifndef NDEBUG

TEST(CheckDeathTest, AbortsOnABugInADebugBuild) {
  EXPECT_DEATH(RHUMB_BUG("two owners"), "bug: two owners at .*check_test\\.cc:[0-9]+");
}

#else

TEST(Check, SurvivesAndCountsBugsButLogsEachPlaceOnce) {
  const uint64_t before = bugs_seen();
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) RHUMB_BUG("two owners");
  RHUMB_BUG("no owner");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(bugs_seen(), before + 4);
  EXPECT_EQ(log.find("bug: two owners at "), log.rfind("bug: two owners at "));
  EXPECT_NE(log.find("bug: two owners at "), std::string::npos);
  EXPECT_NE(log.find("bug: no owner at "), std::string::npos);
}

#endif

}  // namespace
}  // namespace rhumb::base
