// SPDX-License-Identifier: Apache-2.0
#include "config/template_text.h"

#include <gmock/gmock.h>

#include "config/codes.h"

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;

class TemplateText : public ::testing::Test {
 protected:
  /// "literal|<variable>|..."; "refused" when it is.
  std::string cut(std::string_view text, size_t max = 8) {
    const auto pieces = cut_template(text, max, {0, 3, 5, 1}, "some.option", diagnostics_);
    if (!pieces) return "refused";
    std::string out;
    for (const TextPiece& piece : *pieces)
      out += (out.empty() ? "" : "|") + (piece.variable ? "<" + piece.text + ">" : piece.text);
    return out;
  }
  Diagnostics diagnostics_;
};

TEST_F(TemplateText, IsCutAtItsVariables) {
  EXPECT_EQ(cut("a %{b}c%{d}%{e}"), "a |<b>|c|<d>|<e>");
  EXPECT_EQ(cut("plain $ {text}"), "plain $ {text}");
  EXPECT_EQ(cut(""), "");
  EXPECT_FALSE(diagnostics_.has_errors());
}

TEST_F(TemplateText, APercentSignIsWrittenTwiceAndBelongsToItsLiteral) {
  EXPECT_EQ(cut("100%%, %{x}%%"), "100%, |<x>|%");
}

TEST_F(TemplateText, ALonePercentSignIsRefusedAtItsPlace) {
  for (const char* text : {"50%", "%x", "%{open", "a%"}) EXPECT_EQ(cut(text), "refused") << text;
  const auto all = diagnostics_.sorted();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].place.line, 3u);
  EXPECT_THAT(all[0].message, HasSubstr("some.option"));
  EXPECT_THAT(all[0].hint, HasSubstr("%%"));
}

TEST_F(TemplateText, HasAnEnd) {
  EXPECT_EQ(cut("a%{b}a%{b}a%{b}a%{b}"), "a|<b>|a|<b>|a|<b>|a|<b>");
  EXPECT_EQ(cut("a%{b}a%{b}a%{b}a%{b}a"), "refused");
  EXPECT_THAT(diagnostics_.sorted().at(0).hint, HasSubstr("at most 4"));
}

TEST_F(TemplateText, AnUnknownNameIsReportedWithWhatWasMeantAndWithAll) {
  unknown_variable("statsu", {"status", "path"}, {0, 1, 1, 1}, "access_log.format", diagnostics_);
  const Diagnostic found = diagnostics_.sorted().at(0);
  EXPECT_EQ(found.code, code::kNotAllowed);
  EXPECT_EQ(found.message, "access_log.format: there is no variable 'statsu'");
  EXPECT_EQ(found.hint, "did you mean 'status'? variables: status, path");
}

TEST_F(TemplateText, WhatMayBePartOfASecretIsNotNamed) {
  unknown_variable("hunter2", {"status", "path"}, {0, 1, 1, 1}, "some.header", diagnostics_);
  diagnostics_.open({0, 2, 1, 1});
  unknown_variable("hunter2", {"status", "path"}, {0, 2, 1, 1}, "some.format", diagnostics_);
  unknown_variable("a b", {"status", "path"}, {0, 2, 1, 1}, "some.format", diagnostics_);
  const auto found = diagnostics_.sorted();
  EXPECT_EQ(found.at(0).message, "some.header: there is no such variable");
  EXPECT_EQ(found.at(1).message, "some.format: there is no variable 'hunter2'");
  EXPECT_EQ(found.at(2).message, "some.format: there is no such variable");
}

}  // namespace
}  // namespace rhumb::config
