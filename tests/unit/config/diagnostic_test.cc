// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostic.h"

#include <gmock/gmock.h>

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;

TEST(Diagnostics, SortsByFileLineAndColumnAndKeepsTheOrderOfEquals) {
  Diagnostics diagnostics;
  diagnostics.error(5, {1, 1, 1}, "e");
  diagnostics.error(3, {0, 2, 1}, "c");
  diagnostics.error(4, {0, 2, 1}, "d");
  diagnostics.error(2, {0, 1, 9}, "b");
  diagnostics.error(1, {0, 1, 2}, "a");
  std::string order;
  for (const Diagnostic& d : diagnostics.sorted()) order += d.message;
  EXPECT_EQ(order, "abcde");
}

TEST(Diagnostics, CountsErrorsAndNotWarnings) {
  Diagnostics diagnostics;
  Diagnostic warning;
  warning.severity = Severity::warning;
  diagnostics.add(warning);
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error(1, {}, "a");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.errors(), 1u);
  EXPECT_EQ(diagnostics.sorted().size(), 2u);
}

TEST(Diagnostics, CountsMoreThanItKeeps) {
  Diagnostics diagnostics;
  for (int i = 0; i < 100'000; ++i) diagnostics.error(1, {}, "a");
  EXPECT_EQ(diagnostics.errors(), 100'000u);
  EXPECT_LE(diagnostics.sorted().size(), 1000u);
}

TEST(Diagnostics, SayOnlyWhatIsOpenAndOneWord) {
  Diagnostics diagnostics;
  const Place open{0, 2, 3, 4}, closed{0, 2, 9, 4};
  diagnostics.open(open);
  EXPECT_TRUE(diagnostics.is_open({0, 2, 3, 1})) << "a place is where it begins";
  EXPECT_FALSE(diagnostics.is_open(closed));
  EXPECT_EQ(diagnostics.said("web", open), "'web'");
  EXPECT_EQ(diagnostics.named("web", open), " 'web'");
  EXPECT_EQ(diagnostics.said("web", closed), "the value");
  EXPECT_EQ(diagnostics.named("web", closed), "");
  EXPECT_EQ(diagnostics.said("web secret", open), "the value");
  EXPECT_EQ(diagnostics.without("no '/a/b' in /a/b", "/a/b", open), "no '/a/b' in /a/b");
  EXPECT_EQ(diagnostics.without("no '/a/b' in /a/b", "/a/b", closed), "no '***' in ***");
  EXPECT_EQ(diagnostics.without("no", "", closed), "no");
}

TEST(Diagnostics, KnowWhatIsOpenBesideAPlace) {
  Diagnostics diagnostics;
  for (const Place& place : {Place{0, 2, 9}, Place{1, 2, 1}, Place{0, 1, 1}, Place{0, 2, 3}, Place{0, 3, 1}})
    diagnostics.open(place);
  const auto beside = diagnostics.open_beside({0, 2, 50});
  ASSERT_EQ(beside.size(), 2u);
  EXPECT_EQ(beside[0].column, 3u);
  EXPECT_EQ(beside[1].column, 9u);
}

TEST(OneWord, IsWhatNothingDivides) {
  for (const char* word : {"", "eu-west", "10.0.0.0/8", "[::1]:80", "*.example.org", "conf.d/*.yaml", "header:x-y"})
    EXPECT_TRUE(is_one_word(word)) << word;
  for (const char* more :
       {"ops secret", "read,secret:x", "secret=x", "a\tb", "u:p@h", "/health?token=x", "a\"b", "x#y"})
    EXPECT_FALSE(is_one_word(more)) << more;
}

TEST(Closest, FindsWordsWithinTwoEdits) {
  const std::vector<std::string_view> names = {"weight", "location", "bias", "name"};
  EXPECT_EQ(closest("wieght", names), "weight");
  EXPECT_EQ(closest("weigth", names), "weight");
  EXPECT_EQ(closest("locaton", names), "location");
  EXPECT_EQ(closest("wights", names), "weight");
  EXPECT_EQ(closest("nmae", names), "name");
  EXPECT_EQ(closest("wght", names), "weight");
  EXPECT_EQ(closest("wht", names), "");
  EXPECT_EQ(closest("", names), "");
}

TEST(Closest, IsStricterWithShortWords) {
  EXPECT_EQ(closest("idx", {"id"}), "id");
  EXPECT_EQ(closest("ab", {"id"}), "");
  EXPECT_EQ(closest("idxy", {"id"}), "id");
}

TEST(Closest, TakesTheNearestAndIgnoresLongWords) {
  EXPECT_EQ(closest("helth", {"wealth", "health"}), "health");
  EXPECT_EQ(closest(std::string(100'000, 'a'), {"a"}), "");
  const std::string long_name(100, 'a');
  EXPECT_EQ(closest("aaaa", {long_name}), "");
}

TEST(Diagnostics, CountsWarningsThatLeaveRoomForErrors) {
  Diagnostics diagnostics;
  for (int i = 0; i < 100'000; ++i) diagnostics.warning(1, {}, "a");
  diagnostics.error(2, {}, "b");
  EXPECT_EQ(diagnostics.warnings(), 100'000u);
  EXPECT_EQ(diagnostics.sorted().back().message, "b");
}

TEST(CodeName, TellsWarningsFromErrors) {
  EXPECT_EQ(code_name(103, Severity::error), "E0103");
  EXPECT_EQ(code_name(170, Severity::warning), "W0170");
  EXPECT_THAT(help_for("w0170").value_or(""), HasSubstr("W0170: route that nothing reaches\n\n"));
}

TEST(HelpFor, TakesACodeInSeveralSpellings) {
  for (const char* text : {"E0103", "e0103", "0103", "103"}) {
    EXPECT_THAT(help_for(text).value_or(""), HasSubstr("E0103: unknown key\n\n")) << text;
  }
  for (const char* text : {"", "E", "E0999", "E0103x", "x", "E-103", "E99999999"}) EXPECT_FALSE(help_for(text)) << text;
}

TEST(Shown, EscapesAndCutsWhatStandsInAMessage) {
  EXPECT_EQ(shown("plain \xc3\xbc"), "plain \xc3\xbc");
  EXPECT_EQ(shown("a\x1b[0m\n\x7f"), "a\\x1b[0m\\x0a\\x7f");
  EXPECT_EQ(shown("\xc2\x9b"
                  "A"),
            "\\x9bA");
  EXPECT_EQ(shown(std::string(60, 'a')), std::string(60, 'a'));
  EXPECT_EQ(shown(std::string(61, 'a')), std::string(60, 'a') + "...");
}

}  // namespace
}  // namespace rhumb::config
