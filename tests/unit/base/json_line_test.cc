// SPDX-License-Identifier: Apache-2.0
#include "base/json_line.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

namespace rhumb::base {
namespace {

std::string decimal(double value) {
  char text[32];
  return {text, write_decimal(value, text)};
}

TEST(JsonLine, DecimalsHaveThreeDigitsBehindThePoint) {
  EXPECT_EQ(decimal(0), "0.000");
  EXPECT_EQ(decimal(1.5), "1.500");
  EXPECT_EQ(decimal(-1.5), "-1.500");
  EXPECT_EQ(decimal(12345.6789), "12345.679");
  EXPECT_EQ(decimal(0.0625), "0.063");
  EXPECT_EQ(decimal(-0.0625), "-0.063");
  EXPECT_EQ(decimal(-0.0004), "0.000") << "nothing is not negative";
  EXPECT_EQ(decimal(999999999999.25), "999999999999.250");
}

TEST(JsonLine, DecimalsWithoutEndAreWrittenAsJsonCanSayThem) {
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(decimal(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(decimal(1.5e12), "1.500e+12");
  EXPECT_EQ(decimal(-std::numeric_limits<double>::max()), "-1.798e+308");
}

TEST(JsonLine, MembersAndObjectsInOrder) {
  std::array<char, 512> memory;
  JsonLine line(memory);
  line.text("a", "say \"hi\"");
  line.number("b", 18446744073709551615u);
  line.open("c");
  line.decimal("d", 0.25);
  line.open(std::string_view("e"));
  line.close();
  line.flag("f", true);
  line.flag("g", false);
  line.close();
  line.decimal(std::string_view("h"), 2);
  EXPECT_EQ(
      line.finish(),
      "{\"a\":\"say \\\"hi\\\"\",\"b\":18446744073709551615,\"c\":{\"d\":0.250,\"e\":{},\"f\":true},\"h\":2.000}\n");
}

TEST(JsonLine, AnEmptyOneIsAnObject) {
  std::array<char, 256> memory;
  EXPECT_EQ(JsonLine(memory).finish(), "{}\n");
}

/// Every prefix of memory gives an object that is closed, and never a byte behind it.
TEST(JsonLine, WhatDoesNotFitIsLeftOutAndTheRestIsWhole) {
  for (size_t size = 256; size < 1200; ++size) {
    std::string memory(size + 1, '#');
    JsonLine line(std::span<char>(memory.data(), size));
    for (int i = 0; i < 6; ++i) {
      line.text("text", "0123456789abcdef\n\n\n\n");
      line.open("object");
      line.number("n", 7);
      line.open("inner");
      line.decimal("x", 1);
      line.close();
      line.close();
    }
    const std::string out(line.finish());
    ASSERT_EQ(memory.back(), '#') << size;
    int depth = 0;
    for (const char c : out) {
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      ASSERT_GE(depth, 0) << out;
    }
    EXPECT_EQ(depth, 0) << out;
    EXPECT_TRUE(out.ends_with("}\n")) << out;
    EXPECT_EQ(out.find("{,"), std::string::npos) << out;
    EXPECT_EQ(out.find(",}"), std::string::npos) << out;
    EXPECT_EQ(out.find(":,"), std::string::npos) << out;
  }
}

TEST(JsonLine, LongTextsAreCut) {
  std::string memory(64 * 1024, '\0');
  JsonLine line(std::span<char>(memory.data(), memory.size()));
  line.text("t", std::string(JsonLine::kMaxText + 1, 'x'));
  EXPECT_EQ(line.finish(), "{\"t\":\"" + std::string(JsonLine::kMaxText, 'x') + "\"}\n");
}

}  // namespace
}  // namespace rhumb::base
