// SPDX-License-Identifier: Apache-2.0
#include "net/account.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

namespace rhumb::net {
namespace {

TEST(Account, OfANameOrANumber) {
  EXPECT_EQ(user_id("root"), 0u);
  EXPECT_EQ(group_id("root"), 0u);
  EXPECT_EQ(user_id("4711"), 4711u);
  EXPECT_EQ(group_id("4711"), 4711u);
  if (const struct passwd* own = ::getpwuid(::getuid())) {
    EXPECT_EQ(user_id(own->pw_name), ::getuid());
  }
}

TEST(Account, OfNobodyThereIsNone) {
  for (const char* name : {"", "no-such-name-here", "-1", "99999999999", "1 "}) {
    EXPECT_EQ(user_id(name), std::nullopt) << name;
    EXPECT_EQ(group_id(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace rhumb::net
