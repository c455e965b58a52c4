// SPDX-License-Identifier: Apache-2.0
#include "decision/pattern_program.h"

#include <gtest/gtest.h>

namespace rhumb::decision {
namespace {

PatternProgram program_of(std::string_view pattern) { return PatternProgram(*parse_pattern(pattern)); }

/// The characters that may come first, and '$' when nothing need come.
std::string ways_on(const PatternProgram& program, PatternBefore before, unsigned next) {
  std::string all;
  PatternWays ways(program);
  ways.from({program.start()}, before, next, [&](uint16_t, const PatternStep& step) {
    if (step.kind == PatternStep::Kind::match) all += '$';
    for (size_t c = 0; c < step.bytes.size(); ++c)
      if (step.bytes[c]) all += static_cast<char>(c);
  });
  std::sort(all.begin(), all.end());
  return all;
}

TEST(PatternProgram, AllWaysAreFollowedAtOnce) {
  EXPECT_EQ(ways_on(program_of("a*b?c"), PatternBefore::begin, 'x'), "abc");
  EXPECT_EQ(ways_on(program_of("(a|b|c)*"), PatternBefore::begin, 'x'), "$abc");
  EXPECT_EQ(ways_on(program_of("a{0}b{2}"), PatternBefore::begin, 'x'), "b");
  EXPECT_EQ(ways_on(program_of("(a{0,3}b{0,})*"), PatternBefore::begin, 'x'), "$ab");
}

TEST(PatternProgram, AssertionsGoOnWhereTheyHold) {
  EXPECT_EQ(ways_on(program_of("^a"), PatternBefore::begin, 'a'), "a");
  EXPECT_EQ(ways_on(program_of("^a"), PatternBefore::other, 'a'), "");
  EXPECT_EQ(ways_on(program_of("$"), PatternBefore::other, kPatternEnd), "$");
  EXPECT_EQ(ways_on(program_of("$"), PatternBefore::other, 'a'), "");
  EXPECT_EQ(ways_on(program_of("\\ba"), PatternBefore::other, 'a'), "a");
  EXPECT_EQ(ways_on(program_of("\\ba"), PatternBefore::word, 'a'), "");
  EXPECT_EQ(ways_on(program_of("\\Ba"), PatternBefore::word, 'a'), "a");
  EXPECT_TRUE(program_of("a\\b").has_word_edges());
  EXPECT_FALSE(program_of("^a$").has_word_edges());
}

TEST(PatternProgram, S29_ItHasAnEnd) {
  EXPECT_TRUE(program_of("a{1000}").fits());
  const PatternProgram large = program_of("(a{1000}){1000}");
  EXPECT_FALSE(large.fits());
  EXPECT_EQ(large.steps().size(), PatternProgram::kMaxSteps);
}

}  // namespace
}  // namespace rhumb::decision
