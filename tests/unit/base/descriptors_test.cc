// SPDX-License-Identifier: Apache-2.0
#include "base/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace rhumb::base {
namespace {

TEST(Descriptors, TheSoftLimitIsLiftedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(descriptor_limit(), 64u);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  EXPECT_EQ(descriptor_limit(), before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Descriptors, TheLastOnesAreReserved) {
  EXPECT_FALSE(reserved_descriptor(1'000'000)) << "nothing is, before it was asked for";
  reserve_descriptors(1024);
  EXPECT_FALSE(reserved_descriptor(991));
  EXPECT_TRUE(reserved_descriptor(992));
  EXPECT_FALSE(reserved_descriptor(-1));
  reserve_descriptors(64);
  EXPECT_FALSE(reserved_descriptor(55));
  EXPECT_TRUE(reserved_descriptor(56)) << "of a small limit, an eighth";
  reserve_descriptors(UINT64_MAX);
}

}  // namespace
}  // namespace rhumb::base
