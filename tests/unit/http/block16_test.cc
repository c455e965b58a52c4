// SPDX-License-Identifier: Apache-2.0
#include "http/block16.h"

#include <gtest/gtest.h>

#include <string>

#include "http/chars.h"

namespace rhumb::http {
namespace {

/// The mask of a block that holds `c` at each place in turn, among bytes that are never meant.
template <class Mask>
void expect_where(Mask mask, char among, bool (*meant)(int)) {
  for (int c = 0; c < 256; ++c) {
    for (int at = 0; at < Block16::kSize; ++at) {
      std::string bytes(Block16::kSize, among);
      bytes[static_cast<size_t>(at)] = static_cast<char>(c);
      ASSERT_EQ(mask(Block16(bytes.data())), meant(c) ? uint32_t{1} << at : 0u) << c << " at " << at;
    }
  }
}

TEST(Block16Test, FindsAByte) {
  expect_where([](const Block16& b) { return b.equal('\n'); }, '\r', [](int c) { return c == '\n'; });
}

TEST(Block16Test, TellsUsualNamesFromTheRest) {
  expect_where([](const Block16& b) { return b.no_plain_name(); }, 'Z',
               [](int c) {
                 const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                 return !letter && !(c >= '0' && c <= '9') && c != '-';
               });
}

TEST(Block16Test, FindsWhatAValueOrALineMayNotHold) {
  expect_where([](const Block16& b) { return b.controls(); }, ' ', [](int c) { return c < 0x20 || c == 0x7f; });
  expect_where([](const Block16& b) { return b.no_line(); }, '~', [](int c) { return c < 0x20 || c >= 0x7f; });
}

TEST(Block16Test, SeveralAtOnce) {
  EXPECT_EQ(Block16("a:b\r\n\tc d e f::\x7f").equal(':'), 0x6002u);
  EXPECT_EQ(Block16("a:b\r\n\tc d e f::\x7f").controls(), 0x8038u);
}

}  // namespace
}  // namespace rhumb::http
