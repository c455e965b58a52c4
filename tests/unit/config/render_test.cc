// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/load.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RenderTest : public ::testing::Test {
 protected:
  std::string rendered(size_t cap = 20) const { return render(diagnostics_, sources_, Audience::of_the_files, cap); }
  SourceList sources_;
  Diagnostics diagnostics_;
};

TEST_F(RenderTest, ShowsPlaceMessageHintCodeLineAndCaret) {
  sources_.add("rhumb.yaml", "regions:\n  - wieght: 1\n");
  diagnostics_.open({0, 2, 5, 6});
  diagnostics_.open({0, 2, 13, 1});
  diagnostics_.error(103, {0, 2, 5, 6}, "unknown key 'wieght' in regions[0]", "did you mean 'weight'?");
  EXPECT_EQ(rendered(),
            "rhumb.yaml:2:5: error: unknown key 'wieght' in regions[0]; did you mean 'weight'? [E0103]\n"
            "  - wieght: 1\n"
            "    ^~~~~~\n"
            "help: rhumb help E0103\n");
}

TEST_F(RenderTest, ShowsNoLineToWhoMayNotReadTheFiles) {
  sources_.add("rhumb.yaml", "regions:\n  - wieght: 1\n");
  diagnostics_.open({0, 2, 5, 6});
  diagnostics_.add({Severity::error, 103, {0, 2, 5, 6}, "unknown", {}, {0, 1, 1, 7}, "below"});
  EXPECT_EQ(render(diagnostics_, sources_),
            "rhumb.yaml:2:5: error: unknown [E0103]\nrhumb.yaml:1:1: note: below\nhelp: rhumb help E0103\n");
}

TEST_F(RenderTest, ShowsTheOtherEnd) {
  sources_.add("a", "x: 1\nx: 2\n");
  for (const uint32_t line : {1, 2}) diagnostics_.open({0, line, 1, 1}), diagnostics_.open({0, line, 4, 1});
  diagnostics_.add({Severity::warning, 7, {0, 2, 1, 1}, "twice", {}, {0, 1, 1, 1}, "the first"});
  EXPECT_EQ(rendered(),
            "a:2:1: warning: twice [W0007]\nx: 2\n^\na:1:1: note: the first\nx: 1\n^\nhelp: rhumb help W0007\n");
}

TEST_F(RenderTest, SaysNothingOfNothing) { EXPECT_EQ(rendered(), ""); }

TEST_F(RenderTest, ShowsNoLineWhereThereIsNone) {
  sources_.add("a", "");
  diagnostics_.error(101, {}, "cannot read");
  EXPECT_EQ(rendered(), "a: error: cannot read [E0101]\nhelp: rhumb help E0101\n");
}

TEST_F(RenderTest, StopsAtTheCapAndSaysHowManyMore) {
  sources_.add("a", "");
  for (int i = 0; i < 5; ++i) diagnostics_.error(101, {}, "m" + std::to_string(i));
  const std::string out = rendered(2);
  EXPECT_THAT(out, HasSubstr("m1"));
  EXPECT_THAT(out, Not(HasSubstr("m2")));
  EXPECT_THAT(out, HasSubstr("and 3 more\n"));
  EXPECT_THAT(rendered(5), Not(HasSubstr("more")));
}

TEST_F(RenderTest, WarningsTakeNoRoomFromErrors) {
  sources_.add("a", "");
  for (int i = 0; i < 5; ++i) diagnostics_.warning(170, {}, "w" + std::to_string(i));
  for (int i = 0; i < 5; ++i) diagnostics_.error(101, {}, "m" + std::to_string(i));
  const std::string out = rendered(2);
  EXPECT_THAT(out, HasSubstr("w1 [W0170]"));
  EXPECT_THAT(out, HasSubstr("m1 [E0101]"));
  EXPECT_THAT(out, Not(HasSubstr("m2")));
  EXPECT_THAT(out, HasSubstr("and 6 more\nhelp: rhumb help E0101\n"));
}

TEST_F(RenderTest, GivesEachAsOneLine) {
  sources_.add("a", "x: 1\n");
  sources_.add("environment RHUMB_X", "");
  diagnostics_.add({Severity::warning, 170, {0, 1, 1, 1}, "m", "h", {0, 1, 1, 1}, "n"});
  diagnostics_.error(133, {1, 0, 0, 1}, "not a number");
  EXPECT_THAT(
      render_lines(diagnostics_, sources_),
      ::testing::ElementsAre("a:1:1: warning: m; h [W0170]", "environment RHUMB_X: error: not a number [E0133]"));
}

TEST_F(RenderTest, AlignsTheCaretUnderTabsAndWideCharacters) {
  sources_.add("a", "\t\xc3\xbc\xc3\xbc: x\n");
  diagnostics_.open({0, 1, 2, 2});
  diagnostics_.open({0, 1, 6, 1});
  diagnostics_.error(1, {0, 1, 6, 1}, "m");
  EXPECT_THAT(rendered(), HasSubstr("\n\t\xc3\xbc\xc3\xbc: x\n\t    ^\n"));
}

TEST_F(RenderTest, ShowsThePartOfALongLineThatMatters) {
  sources_.add("a", std::string(100'000, 'a') + "HERE" + std::string(100'000, 'b'));
  diagnostics_.open({0, 1, 99'901, 200});
  diagnostics_.error(1, {0, 1, 100'001, 4}, "m");
  const std::string out = rendered();
  EXPECT_THAT(out, HasSubstr("aHEREb"));
  EXPECT_LT(out.size(), 600u);
}

TEST_F(RenderTest, UnderlinesNoFurtherThanTheLine) {
  sources_.add("a", "abc");
  diagnostics_.open({0, 1, 1, 3});
  diagnostics_.error(1, {0, 1, 2, 500}, "m");
  diagnostics_.error(2, {0, 1, 4, 1}, "end");
  const std::string out = rendered();
  EXPECT_THAT(out, HasSubstr("abc\n ^~\n"));
  EXPECT_THAT(out, HasSubstr("abc\n   ^\n"));
}

TEST_F(RenderTest, HidesSecretsInTheLinesItShows) {
  for (const char* line :
       {"  keys: [{id: 0, secret: \"hunter2\"}]", "secret: hunter2", "\"secret\" : hunter2", "{secret: 'hunter2"}) {
    SourceList sources;
    sources.add("a", line);
    Diagnostics diagnostics;
    diagnostics.error(1, {0, 1, 3, 1}, "m");
    const std::string out = render(diagnostics, sources, Audience::of_the_files);
    EXPECT_THAT(out, Not(HasSubstr("hunter2"))) << line;
    EXPECT_THAT(out, HasSubstr("***")) << line;
  }
}

TEST_F(RenderTest, HidesASecretThatGoesOnInTheNextLines) {
  for (const char* text :
       {"keys:\n  - id: 1\n    secret: |\n      first\n      hunter2\n", "secret:\n\n\n\n  hunter2"}) {
    SourceList sources;
    sources.add("a", text);
    Diagnostics diagnostics;
    diagnostics.error(1, {0, 5, 7, 7}, "m");
    const std::string out = render(diagnostics, sources, Audience::of_the_files);
    EXPECT_THAT(out, Not(HasSubstr("hunter2"))) << text;
    EXPECT_THAT(out, HasSubstr("***")) << text;
  }
}

TEST_F(RenderTest, WritesJson) {
  sources_.add("a\"b", "x");
  diagnostics_.add({Severity::error, 103, {0, 1, 1, 2}, "m\n\\", "h", {0, 1, 2, 1}, "n"});
  diagnostics_.error(104, {0, 2, 1, 1}, "second");
  EXPECT_EQ(
      render_json(diagnostics_, sources_),
      R"([{"severity":"error","code":"E0103","file":"a\"b","line":1,"column":1,"length":2,"message":"m\u000a\\","hint":"h",)"
      R"("note":{"file":"a\"b","line":1,"column":2,"length":1,"message":"n"}},)"
      R"({"severity":"error","code":"E0104","file":"a\"b","line":2,"column":1,"length":1,"message":"second","hint":""}])"
      "\n");
  EXPECT_EQ(render_json(Diagnostics(), sources_), "[]\n");
}

}  // namespace
}  // namespace rhumb::config
