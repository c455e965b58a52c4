// SPDX-License-Identifier: Apache-2.0
#include "foresight/pack.h"

#include <gtest/gtest.h>

namespace rhumb::foresight {
namespace {

TEST(Pack, GivesBackWhatWasPutIn) {
  Packer to;
  to.put(uint16_t{7});
  to.put(0.1);
  to.text("eu-west");
  to.text("");
  const std::string bytes = to.take();
  Unpacker from(bytes);
  EXPECT_EQ(from.get<uint16_t>(), 7);
  EXPECT_EQ(from.get<double>(), 0.1);
  EXPECT_EQ(from.text(), "eu-west");
  EXPECT_EQ(from.text(), "");
  EXPECT_TRUE(from.done());
}

TEST(Pack, AReaderPastTheEndReadsZerosAndRemembers) {
  Packer to;
  to.put(uint16_t{7});
  const std::string bytes = to.take();
  Unpacker from(bytes);
  EXPECT_EQ(from.get<uint64_t>(), 0u);
  EXPECT_FALSE(from.ok());
  EXPECT_EQ(from.get<uint16_t>(), 0) << "and does not go back";
}

TEST(Pack, ACountMustFit) {
  Packer to;
  to.put(uint32_t{3});
  to.put(uint32_t{0});
  const std::string bytes = to.take();
  EXPECT_EQ(Unpacker(bytes).count(1), 3u);
  Unpacker from(bytes);
  EXPECT_EQ(from.count(2), 0u);
  EXPECT_FALSE(from.ok());
}

TEST(Pack, WhatIsLeftOverIsSeen) {
  Unpacker from("x");
  EXPECT_TRUE(from.ok());
  EXPECT_FALSE(from.done());
}

}  // namespace
}  // namespace rhumb::foresight
