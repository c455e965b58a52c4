// SPDX-License-Identifier: Apache-2.0
#include "http/chars.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace rhumb::http {
namespace {

std::string members(CharClass wanted) {
  std::string out;
  for (int c = 0; c < 256; ++c)
    if (is(wanted, static_cast<char>(c))) out += static_cast<char>(c);
  return out;
}

constexpr char kAlnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string sorted(std::string text) {
  std::sort(text.begin(), text.end(), [](char a, char b) { return static_cast<uint8_t>(a) < static_cast<uint8_t>(b); });
  return text;
}

TEST(CharsTest, ClassesHoldExactlyTheirCharacters) {
  const std::string alnum = kAlnum;
  EXPECT_EQ(members(kToken), sorted(alnum + "!#$%&'*+-.^_`|~"));
  EXPECT_EQ(members(kFieldName), sorted(alnum + "!#$%&'*+-.^`|~"));
  EXPECT_EQ(members(kHost), sorted(alnum + "-._"));
  EXPECT_EQ(members(kUnreserved), sorted(alnum + "-._~"));
}

TEST(CharsTest, LinesTargetsValuesAndCookiesByRange) {
  for (int c = 0; c < 256; ++c) {
    const char ch = static_cast<char>(c);
    EXPECT_EQ(is(kLine, ch), c >= 0x20 && c < 0x7f) << c;
    EXPECT_EQ(is(kTarget, ch), c > 0x20 && c < 0x7f && c != '#') << c;
    EXPECT_EQ(is(kFieldValue, ch), c == 9 || (c >= 0x20 && c != 0x7f)) << c;
    EXPECT_EQ(is(kCookieValue, ch), c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\') << c;
  }
}

TEST(CharsTest, SkipValueStopsAtTheSameByteAsTheTable) {
  for (int c = 0; c < 256; ++c) {
    for (size_t size = 1; size < 20; ++size) {
      for (size_t at = 0; at < size; ++at) {
        std::string text(size, at % 2 == 0 ? '\t' : '\x80');
        text[at] = static_cast<char>(c);
        const char* const end = text.data() + size;
        ASSERT_EQ(skip_value(text.data(), end), skip(kFieldValue, text.data(), end)) << c << " at " << at;
      }
    }
  }
}

// Every byte at every place of texts around the size of a block: one block, its tail, one and a bit.
TEST(CharsTest, NamesAndLinesStopAtTheSameByteAsTheTable) {
  for (int c = 0; c < 256; ++c) {
    for (size_t size = 1; size < 36; ++size) {
      for (size_t at = 0; at<size; at += size> 17 ? 5 : 1) {
        std::string text(size, at % 2 == 0 ? 'x' : '-');
        text[at] = static_cast<char>(c);
        const char* const end = text.data() + size;
        ASSERT_EQ(skip_line(text.data(), end), skip(kLine, text.data(), end)) << c << " at " << at;
        for (const CharClass names : {kFieldName, kToken})
          ASSERT_EQ(skip_name(names, text.data(), end), skip(names, text.data(), end)) << c << " at " << at;
      }
    }
  }
}

TEST(CharsTest, AllOfWantsAtLeastOne) {
  EXPECT_FALSE(all_of(kToken, ""));
  EXPECT_TRUE(all_of(kToken, "a"));
  EXPECT_FALSE(all_of(kToken, "a "));
}

}  // namespace
}  // namespace rhumb::http
