// SPDX-License-Identifier: Apache-2.0
#include "base/text_line.h"

#include <gtest/gtest.h>

#include <string>

namespace rhumb::base {
namespace {

std::string value_of(std::string_view text, size_t room = 16 * 1024) {
  std::string memory(room, '?');
  TextLine line({memory.data(), memory.size()});
  line.value(text);
  return std::string(line.finish());
}

TEST(TextLine, IsWhatWasToldAndANewline) {
  char memory[256];
  TextLine line(memory);
  line.literal("a=");
  line.value("x y");
  line.literal(" n=");
  line.number(18446744073709551615u);
  line.literal(" d=");
  line.decimal(1.5);
  EXPECT_EQ(line.finish(), "a=x y n=18446744073709551615 d=1.500\n");
}

TEST(TextLine, NothingIsADash) {
  EXPECT_EQ(value_of(""), "-\n");
  char memory[64];
  TextLine line(memory);
  line.part("");
  EXPECT_EQ(line.finish(), "\n") << "a part of a value may be empty";
}

TEST(TextLine, S27_AValueCannotEndTheLineItsQuotesOrAnEscape) {
  EXPECT_EQ(value_of("a\nb\r\x1b[31m\x7f"), "a\\x0Ab\\x0D\\x1B[31m\\x7F\n");
  EXPECT_EQ(value_of("\" 200 1 \"x\\"), "\\x22 200 1 \\x22x\\x5C\n");
  EXPECT_EQ(value_of(std::string_view("\0\x01", 2)), "\\x00\\x01\n");
  EXPECT_EQ(value_of("\xff\xc3\x28 \xc2\x9b"), "\\xFF\\xC3( \\xC2\\x9B\n");
}

TEST(TextLine, EveryByteComesOutAsPrintableAscii) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string line = value_of(all);
  for (const char c : line.substr(0, line.size() - 1)) {
    EXPECT_GE(c, ' ');
    EXPECT_LE(c, '~');
    EXPECT_NE(c, '"');
  }
}

TEST(TextLine, ALongValueIsCutAndTheLineStillEnds) {
  EXPECT_EQ(value_of(std::string(5000, 'x')).size(), TextLine::kMaxValue + 1);
  for (size_t room = 64; room < 80; ++room) {
    const std::string line = value_of(std::string(500, '\n'), room);
    EXPECT_LE(line.size(), room);
    EXPECT_EQ(line.back(), '\n');
    EXPECT_EQ((line.size() - 1) % 4, 0u) << "no half of an escape";
  }
}

TEST(TextLine, NumbersThatDoNotFitAreLeftOut) {
  char memory[64];
  TextLine line(memory);
  line.literal(std::string(60, 'x'));
  line.number(123);
  line.decimal(1);
  EXPECT_EQ(line.finish(), std::string(60, 'x') + "\n");
}

}  // namespace
}  // namespace rhumb::base
