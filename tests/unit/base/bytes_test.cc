// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace rhumb::base {
namespace {

TEST(Bytes, ClassifiesEveryByteAsAsciiOnly) {
  constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", kLower = "abcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view kHex = "0123456789abcdef", kUpperHex = "0123456789ABCDEF";
  constexpr size_t kNowhere = std::string_view::npos;
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const size_t upper = kUpper.find(c), hex = std::min(kHex.find(c), kUpperHex.find(c));
    EXPECT_EQ(to_lower(c), upper == kNowhere ? c : kLower[upper]) << i;
    EXPECT_EQ(is_alpha(c), upper != kNowhere || kLower.find(c) != kNowhere) << i;
    EXPECT_EQ(is_digit(c), kHex.substr(0, 10).find(c) != kNowhere) << i;
    EXPECT_EQ(hex_value(c), hex == kNowhere ? -1 : static_cast<int>(hex)) << i;
  }
}

TEST(Bytes, ComparesWithoutCase) {
  EXPECT_TRUE(iequals("Content-Length", "cONTENT-lENGTH"));
  EXPECT_TRUE(iequals("", ""));
  EXPECT_FALSE(iequals("host", "hosts"));
  EXPECT_FALSE(iequals("@", "`"));  // differ by the bit that tells cases apart
  EXPECT_FALSE(iequals("[", "{"));
  EXPECT_FALSE(iequals("\xc4", "\xe4"));
}

TEST(Bytes, TrimsSpacesAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim("\r\na\n"), "\r\na\n");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Bytes, ParsesDigitsAndNothingElse) {
  EXPECT_EQ(parse_digits("0"), 0u);
  EXPECT_EQ(parse_digits("007"), 7u);
  EXPECT_EQ(parse_digits("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_digits<uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_digits<uint16_t>("65536"), std::nullopt);
  for (const char* bad : {"", "+1", "-1", " 1", "1 ", "1x", "0x1", "1.0", "18446744073709551616"})
    EXPECT_EQ(parse_digits(bad), std::nullopt) << bad;
}

TEST(Bytes, TakesPartsUpToASeparator) {
  std::string_view rest = "a,,b";
  std::vector<std::string_view> parts;
  while (!rest.empty()) parts.push_back(take_until(rest, ','));
  EXPECT_EQ(parts, (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(take_until(rest, ','), "");
}

}  // namespace
}  // namespace rhumb::base
