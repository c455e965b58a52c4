// SPDX-License-Identifier: Apache-2.0
// Whole heads are in vectors/; here that looking for the end of a head never looks twice, and each reason.
#include "http/h1_fields.h"

#include <gtest/gtest.h>

#include "http_testing.h"

namespace rhumb::http {
namespace {

constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nrest";

TEST(ScanTest, FindsTheFirstLineThenTheEnd) {
  HeadScan scan;
  EXPECT_EQ(scan_first_line(kHead, 0, 100, kLine, scan), ScanStatus::done);
  EXPECT_EQ(scan.line_end, 14u);
  EXPECT_EQ(scan_fields(kHead, 0, {}, scan), ScanStatus::done);
  EXPECT_EQ(kHead.substr(scan.scanned), "rest");
  EXPECT_EQ(scan.fields, 2u);
}

TEST(ScanTest, GoesOnWhereItStopped) {
  HeadScan scan;
  ASSERT_EQ(scan_first_line(kHead, 0, 100, kLine, scan), ScanStatus::done);
  size_t before = scan.scanned;
  for (size_t size = 16; size < kHead.size() - 4; ++size) {
    ASSERT_EQ(scan_fields(kHead.substr(0, size), 0, {}, scan), ScanStatus::need_more) << size;
    EXPECT_EQ(scan.scanned, size) << "everything there was looked at";
    EXPECT_GE(scan.scanned, before);
    before = scan.scanned;
  }
  // What was looked at before is not looked at again: it could as well be something else by now.
  std::string changed(kHead);
  changed.replace(16, 8, "\n\n\n\n\n\n\n\n");
  EXPECT_EQ(scan_fields(changed, 0, {}, scan), ScanStatus::done);
}

TEST(ScanTest, EachLimitHasItsOwnAnswer) {
  HeadScan scan;
  EXPECT_EQ(scan_first_line(kHead, 0, 13, kLine, scan), ScanStatus::line_too_long);
  scan = {};
  EXPECT_EQ(scan_first_line(kHead, 0, 14, kLine, scan), ScanStatus::done);
  const HeadScan after_line = scan;
  EXPECT_EQ(scan_fields(kHead, 0, {8192, 20, 100}, scan), ScanStatus::head_too_large);
  scan = after_line;
  EXPECT_EQ(scan_fields(kHead, 0, {8192, 8192, 1}, scan), ScanStatus::too_many_fields);
  scan = after_line;
  EXPECT_EQ(scan_fields(kHead, 0, {8192, 33, 2}, scan), ScanStatus::done);
}

class ParseFieldsTest : public ::testing::Test {
 protected:
  std::string wrong(std::string_view lines, CharClass names = kFieldName) {
    const testing::Exact exact(lines);
    headers_.init(memory_.arena, 8);
    const char* reason = parse_fields(exact, names, headers_);
    return reason == nullptr ? "" : reason;
  }
  testing::Memory memory_;
  Headers headers_;
};

TEST_F(ParseFieldsTest, SaysWhatIsWrong) {
  EXPECT_EQ(wrong("A: b\r\n"), "");
  EXPECT_EQ(wrong(""), "");
  EXPECT_EQ(wrong(" A: b\r\n"), "line folding, or space before a field name");
  EXPECT_EQ(wrong("A: b\r\n\tc\r\n"), "line folding, or space before a field name");
  EXPECT_EQ(wrong(": b\r\n"), "empty field name");
  EXPECT_EQ(wrong("A : b\r\n"), "space in or after a field name");
  EXPECT_EQ(wrong("A_B: c\r\n"), "underscore in a field name");
  EXPECT_EQ(wrong("A_B: c\r\n", kToken), "");
  EXPECT_EQ(wrong("A\r\n"), "field line without a colon");
  EXPECT_EQ(wrong("A\x01: b\r\n"), "bad character in a field name");
  EXPECT_EQ(wrong("A: b\x01\r\n"), "control character in a field value");
  EXPECT_EQ(wrong("A: b\rc\r\n"), "CR without LF in a field value");
}

TEST_F(ParseFieldsTest, NeverReadsBeyondLinesThatAreCutAnywhere) {
  const std::string_view whole = "Name: value\r\nX_Y: z\r\n";
  for (size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(wrong(whole.substr(0, size), kToken).empty(), size == 13);
}

TEST_F(ParseFieldsTest, SaysWhenTheTableIsFull) {
  std::string lines;
  for (size_t i = 0; i < 8 + Headers::kSpare; ++i) lines += "A: b\r\n";
  EXPECT_EQ(wrong(lines), "");
  EXPECT_EQ(wrong(lines + "A: b\r\n"), "field table full");
}

}  // namespace
}  // namespace rhumb::http
