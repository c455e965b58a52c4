// SPDX-License-Identifier: Apache-2.0
#include "config/codes.h"

#include <gtest/gtest.h>

namespace rhumb::config {
namespace {

TEST(Codes, AscendWithoutRepetition) {
  uint16_t last = 100;
  for (const CodeHelp& row : all_codes()) {
    EXPECT_LT(last, row.code);
    last = row.code;
  }
}

TEST(Codes, HaveEachATitleAndAParagraph) {
  for (const CodeHelp& row : all_codes()) {
    EXPECT_FALSE(row.title.empty()) << row.code;
    EXPECT_GT(row.paragraph.size(), row.title.size()) << row.code;
    EXPECT_EQ(row.paragraph.find('\n'), std::string_view::npos) << row.code;
  }
}

}  // namespace
}  // namespace rhumb::config
