// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rhumb::base {
namespace {

// Stable assignment must survive a restart and an upgrade: these values may never change.
TEST(Hash64, IsXxh3) {
  EXPECT_EQ(hash64("", 0), 0x2d06800538d394c2ull);
  EXPECT_EQ(hash64("a", 0), 0xe6c632b61e964e1full);
  EXPECT_EQ(hash64("abc", 0), 0x78af5f94892f3950ull);
}

TEST(Hash64, DependsOnTheSeedAndEveryByte) {
  std::string text(300, 'x');
  std::set<uint64_t> seen{hash64(text, 1), hash64(text, 2)};
  for (char& c : text) {
    c = 'y';
    seen.insert(hash64(text, 1));
    c = 'x';
  }
  EXPECT_EQ(seen.size(), 302u);
}

}  // namespace
}  // namespace rhumb::base
