// SPDX-License-Identifier: Apache-2.0
// Random patterns and paths over a small alphabet, and what RE2 says of them.
#pragma once
#include <re2/re2.h>

#include <string>
#include <string_view>

#include "base/random.h"

namespace rhumb::decision::testing {

/// One that RE2 takes; `edges`: it may ask for those of words.
inline std::string random_pattern(base::Random& random, bool edges, int depth = 3) {
  static constexpr const char* kAtoms[] = {
      "a",   "b",    "B",           "/",     ".",       "[ab]",     "[^a]",          "[a-c-]",
      "\\d", "\\W",  "[[:upper:]]", "\\x61", "(?i:aB)", "\\Qa.\\E", "[^[:^lower:]]", "\\.",
      "-",   "(?:)", "^",           "$",     "\\A",     "\\z",      "((a))",         "[\\s\\d]"};
  static constexpr const char* kEdges[] = {"\\b", "\\B"};
  static constexpr const char* kRepeats[] = {"*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "{0}"};
  std::string text;
  const size_t parts = 1 + random.below(4);
  for (size_t i = 0; i < parts; ++i) {
    std::string part = kAtoms[random.below(std::size(kAtoms))];
    if (edges && random.below(5) == 0) part = kEdges[random.below(2)];
    if (depth > 0 && random.below(3) == 0) part = "(" + random_pattern(random, edges, depth - 1) + ")";
    if (random.below(3) == 0) part = "(?:" + part + ")" + kRepeats[random.below(std::size(kRepeats))];
    text += part;
    if (depth > 0 && random.below(5) == 0) text += "|";
    if (random.below(40) == 0) text += "(?i)";
  }
  return text;
}

/// Anything that may or may not be one.
inline std::string random_soup(base::Random& random) {
  static constexpr const char* kBits[] = {
      "a",   "b",    "B",     "/",   ".",   "-",    "_",     "1",    "[",   "]",        "[^",
      "(",   ")",    "|",     "*",   "+",   "?",    "{",     "}",    ",",   "2",        "{2}",
      "{1,", "^",    "$",     "\\",  "\\d", "\\W",  "\\b",   "\\B",  "\\s", "\\x6",     "\\x{61}",
      "\\0", "\\10", "\\141", "\\Q", "\\E", "(?i)", "(?-i:", "(?s)", "(?U", "(?P<a>",   "[[:alpha:]",
      "[:",  ":]",   "a-c",   "-a",  "\\.", "\\A",  "\\z",   "\\C",  "\\n", "\xc3\xa9", "(?:"};
  std::string text;
  for (size_t parts = 1 + random.below(9); parts > 0; --parts) text += kBits[random.below(std::size(kBits))];
  return text;
}

inline std::string random_path(base::Random& random) {
  static constexpr std::string_view kBytes = "aaabbBA/c.-1_";
  std::string path;
  for (size_t size = random.below(9); path.size() < size;) path += kBytes[random.below(kBytes.size())];
  return path;
}

inline bool re2_matches(const std::string& pattern, const std::string& path) {
  return re2::RE2::FullMatch(path, pattern);
}

}  // namespace rhumb::decision::testing
