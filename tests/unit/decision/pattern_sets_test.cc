// SPDX-License-Identifier: Apache-2.0
#include "decision/pattern_sets.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/unit/decision/pattern_texts.h"

namespace rhumb::decision {
namespace {

std::optional<PatternSets> sets_of(std::string_view pattern) {
  return PatternSets::make(PatternProgram(*parse_pattern(pattern)));
}

bool sets_match(std::string_view pattern, std::string_view path) {
  PatternWork work;
  return sets_of(pattern)->matches(path, work);
}

TEST(PatternSets, MatchTheWholePath) {
  EXPECT_TRUE(sets_match("/v[0-9]+", "/v12"));
  EXPECT_FALSE(sets_match("/v[0-9]+", "/v"));
  EXPECT_FALSE(sets_match("/v[0-9]+", "/v12/x"));
  EXPECT_FALSE(sets_match("/v[0-9]+", "/v12\xff"));
  EXPECT_TRUE(sets_match("^(/a)*$", ""));
  EXPECT_TRUE(sets_match("^(/a)*$", "/a/a/a"));
  EXPECT_FALSE(sets_match("a^b|a$b", "ab"));
}

TEST(PatternSets, AgreeWithRe2) {
  base::Random random(7);
  int made = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string pattern = testing::random_pattern(random, false);
    const auto sets = sets_of(pattern);
    if (!sets) continue;  // few are that large
    ++made;
    for (int k = 0; k < 8; ++k) {
      const std::string path = testing::random_path(random);
      PatternWork work;
      ASSERT_EQ(sets->matches(path, work), testing::re2_matches(pattern, path)) << pattern << " on " << path;
    }
  }
  EXPECT_GT(made, 1900);
}

/// Sets of more than one word: their order and their carry are another path through the code.
TEST(PatternSets, OfManyPlacesAgreeWithRe2) {
  base::Random random(8);
  for (const char* pattern : {"(a|b)*a(a|b){100}", "(.{3}a){0,70}b?", "(ab|ba){60,90}", "/.*a.{200}(b|a{65})"}) {
    const auto sets = sets_of(pattern);
    ASSERT_TRUE(sets.has_value()) << pattern;
    for (int k = 0; k < 300; ++k) {
      std::string path = k % 2 == 0 ? "" : "/";
      for (size_t size = random.below(320); path.size() < size;) path += random.below(4) == 0 ? "b" : "ab";
      PatternWork work;
      ASSERT_EQ(sets->matches(path, work), testing::re2_matches(pattern, path)) << pattern << " on " << path;
    }
  }
}

TEST(PatternSets, S29_WorkGrowsWithThePathAndNoFaster) {
  const auto sets = sets_of("/(a|b)*a(a|b){40}c");
  ASSERT_TRUE(sets.has_value());
  const auto work_for = [&](size_t size) {
    base::Random random(1);
    std::string path = "/";
    while (path.size() < size) path += random.below(2) == 0 ? 'a' : 'b';
    PatternWork work;
    EXPECT_FALSE(sets->matches(path, work));
    return work.done;
  };
  EXPECT_GT(work_for(8000), work_for(800));
  EXPECT_LE(work_for(8000), 12 * work_for(800));
  EXPECT_LE(work_for(8000), 8000u * 50);
}

TEST(PatternSets, S29_WorkEndsAtItsLimit) {
  const auto sets = sets_of("[ab]*a[ab]{900}");
  ASSERT_TRUE(sets.has_value());
  PatternWork work{.limit = 10'000};
  EXPECT_FALSE(sets->matches(std::string(8000, 'a'), work));
  EXPECT_TRUE(work.over());
  EXPECT_LE(work.done, 20'000u) << "no more than one character's work beyond it";
}

TEST(PatternSets, TooManyPlacesAndEdgesOfWordsHaveNone) {
  EXPECT_FALSE(sets_of("a{1000}b{25}").has_value());
  EXPECT_TRUE(sets_of("a{1000}b{24}").has_value());
  EXPECT_FALSE(sets_of("a\\bb").has_value());
}

}  // namespace
}  // namespace rhumb::decision
