// SPDX-License-Identifier: Apache-2.0
#include "decision/path_pattern.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/decision/allocations.h"
#include "tests/unit/decision/pattern_texts.h"

namespace rhumb::decision {
namespace {

PathPattern pattern_for(std::string_view text) {
  auto compiled = PathPattern::compile(text);
  EXPECT_TRUE(compiled.has_value()) << text << ": " << compiled.error();
  return *std::move(compiled);
}

bool pattern_matches(std::string_view text, std::string_view path) {
  PatternWork work;
  return pattern_for(text).matches(path, work);
}

TEST(PathPattern, MatchesTheWholePath) {
  EXPECT_TRUE(pattern_matches("/v[0-9]+/.*", "/v12/x"));
  EXPECT_FALSE(pattern_matches("/v[0-9]+/.*", "/x/v12/x"));
  EXPECT_FALSE(pattern_matches("/v[0-9]+", "/v12/x"));
  EXPECT_TRUE(pattern_matches("/a|/b", "/b"));
  EXPECT_FALSE(pattern_matches("/.*", "/\xff"));
  EXPECT_TRUE(pattern_matches("/.*\\.(?i:png|jpe?g)", "/img/a.JPG"));
  EXPECT_TRUE(pattern_matches("/\\bnew\\b.*", "/new-york"));
  EXPECT_FALSE(pattern_matches("/\\bnew\\b.*", "/newer"));
}

TEST(PathPattern, WhatCannotBeIsAnError) {
  for (const char* text : {"/((", "[", "a**", "(?=x)", "(a{1,1000}){1,1000}", "\\pL", "(a|b)*a(a|b){1000}(a|b){100}"})
    EXPECT_FALSE(PathPattern::compile(text).has_value()) << text;
  EXPECT_EQ(PathPattern::compile("(a|b)*a(a|b){1000}(a|b){100}").error(),
            "too complex; fewer or smaller repetitions would do");
}

RC_GTEST_PROP(PathPattern, AgreesWithRe2, (uint64_t seed)) {
  base::Random random(seed);
  const std::string text = testing::random_pattern(random, true);
  const auto compiled = PathPattern::compile(text);
  RC_ASSERT(compiled.has_value());
  for (int i = 0; i < 50; ++i) {
    const std::string path = testing::random_path(random);
    PatternWork work;
    if (compiled->matches(path, work) != testing::re2_matches(text, path)) RC_FAIL(text + " on " + path);
  }
}

/// Bits of the syntax in any order: what RE2 takes of it is read as RE2 reads it, to the odd brace and bracket.
RC_GTEST_PROP(PathPattern, ReadsWhateverRe2Takes, (uint64_t seed)) {
  base::Random random(seed);
  re2::RE2::Options quiet;
  quiet.set_log_errors(false);
  for (int i = 0; i < 50; ++i) {
    const std::string text = testing::random_soup(random);
    const re2::RE2 wanted(text, quiet);
    const auto compiled = PathPattern::compile(text);
    if (compiled.has_value() != wanted.ok()) RC_FAIL(text);
    for (int k = 0; wanted.ok() && k < 20; ++k) {
      const std::string path = testing::random_path(random);
      PatternWork work;
      if (compiled->matches(path, work) != re2::RE2::FullMatch(path, wanted)) RC_FAIL(text + " on " + path);
    }
  }
}

TEST(PathPattern, UsualPatternsAreTables) {
  for (const char* text : {"/v[0-9]+/old/.*", "/.*\\.(png|jpg|gif|css|js)", "/users/[^/]+/posts(/.*)?",
                           "/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "/.*/[0-9]{1,20}/.*",
                           "(?i)/(de|fr|en)(-[a-z]{2})?/.*"})
    EXPECT_TRUE(pattern_for(text).is_table()) << text;
}

/// RE2 makes a state for each of these texts, and as many as its memory holds.
TEST(PathPattern, S29_OneWithTooManyStatesIsFollowedInSets) {
  const PathPattern pattern = pattern_for("/(a|b)*a(a|b){14}c");
  EXPECT_FALSE(pattern.is_table());
  PatternWork work;
  EXPECT_TRUE(pattern.matches("/bbabbbbbbbbbbbbbbc", work));
  EXPECT_FALSE(pattern.matches("/bbbbbbbbbbbbbbbbbc", work));
}

TEST(PathPattern, S29_ATableLooksAtEachCharacterOnceAndStopsWhereNothingCanMatch) {
  const PathPattern pattern = pattern_for("/api/.*x");
  PatternWork work;
  EXPECT_FALSE(pattern.matches("/api/" + std::string(8000, 'a'), work));
  EXPECT_EQ(work.done, 8005u);
  work = {};
  EXPECT_FALSE(pattern.matches("/b/" + std::string(8000, 'a'), work));
  EXPECT_EQ(work.done, 2u);
}

TEST(PathPattern, MatchingAllocatesNothingEvenWhatIsNew) {
  const PathPattern table = pattern_for("/.*x"), sets = pattern_for("/(a|b)*a(a|b){14}c");
  const std::string path = "/" + std::string(1000, 'a') + "x";
  PatternWork work;
  const uint64_t before = allocations();
  EXPECT_TRUE(table.matches(path, work));
  EXPECT_FALSE(sets.matches(path, work));
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace rhumb::decision
