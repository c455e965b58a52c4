// SPDX-License-Identifier: Apache-2.0
#include "decision/pattern_parser.h"

#include <gtest/gtest.h>

namespace rhumb::decision {
namespace {

/// The tree in one line: what it consists of, sets as their first and last character and how many they are.
std::string tree(const PatternNode& node) {
  using Kind = PatternNode::Kind;
  const auto parts = [&](const char* between) {
    std::string all;
    for (const PatternNode& part : node.parts) all += (all.empty() ? "" : between) + tree(part);
    return all;
  };
  switch (node.kind) {
    case Kind::empty:
      return "-";
    case Kind::bytes: {
      std::string first;
      for (size_t c = 0; c < 128 && first.empty(); ++c)
        if (node.bytes[c]) first = std::string(1, static_cast<char>(c));
      return node.bytes.count() == 1 ? first : "[" + first + std::to_string(node.bytes.count()) + "]";
    }
    case Kind::sequence:
      return parts("");
    case Kind::either:
      return node.parts.size() == 1 ? parts("") : "(" + parts("|") + ")";
    case Kind::repeat:
      return "(" + parts("") + "){" + std::to_string(node.least) + "," + std::to_string(node.most) + "}";
    case Kind::begin:
      return "<begin>";
    case Kind::end:
      return "<end>";
    case Kind::word_edge:
      return "<edge>";
    case Kind::no_word_edge:
      return "<no edge>";
  }
  return "?";
}

std::string parsed_tree(std::string_view pattern) {
  const auto node = parse_pattern(pattern);
  return node ? tree(*node) : "error: " + node.error();
}

TEST(PatternParser, ReadsWhatRoutesAreMadeOf) {
  EXPECT_EQ(parsed_tree("/api"), "/api");
  EXPECT_EQ(parsed_tree("/v[0-9]+/(a|b)?"), "/v([010]){1,-1}/((a|b)){0,1}");
  EXPECT_EQ(parsed_tree("a*b{2}c{3,}d{4,5}?"), "(a){0,-1}(b){2,2}(c){3,-1}(d){4,5}");
  EXPECT_EQ(parsed_tree("^a$"), "<begin>a<end>");
  EXPECT_EQ(parsed_tree("\\ba\\B"), "<edge>a<no edge>");
}

TEST(PatternParser, BracesThatCountNothingStandForThemselves) {
  EXPECT_EQ(parsed_tree("a{,5}"), "a{,5}");
  EXPECT_EQ(parsed_tree("a{b}"), "a{b}");
  EXPECT_EQ(parsed_tree("{"), "{");
}

TEST(PatternParser, Classes) {
  EXPECT_EQ(parsed_tree("\\d\\w\\."), "[010][063].");
  EXPECT_EQ(parsed_tree("[]a]"), "[]2]");
  EXPECT_EQ(parsed_tree("[a-c-]"), "[-4]");
  EXPECT_EQ(parsed_tree("[[:digit:]a\\d]"), "[011]");
  EXPECT_EQ(parsed_tree("(?i)a[x-z](?-i)b"), "[A2][X6]b");
  EXPECT_EQ(parsed_tree("a(?i)?b"), "(a){0,1}[B2]") << "flags are nothing that could be repeated";
  EXPECT_EQ(parsed_tree("(?i:a)b"), "[A2]b") << "the flag ends with its group";
  EXPECT_EQ(parsed_tree("\\Q[a]*\\E+"), "[a](*){1,-1}");
  EXPECT_EQ(parsed_tree("\\x41\\x{42}\\103"), "ABC");
}

TEST(PatternParser, WhatNoPathHoldsMatchesNothing) {
  EXPECT_EQ(parsed_tree("\xc3\xa9*a"), "([0]){0,-1}a") << "a character beyond ASCII is one";
  EXPECT_EQ(parsed_tree("[a\xc3\xa9]"), "a");
}

TEST(PatternParser, SaysWhatIsNotSupported) {
  EXPECT_EQ(parsed_tree("a\\pN"), "error: \\p is not supported: a path has ASCII characters alone");
  EXPECT_EQ(parsed_tree("[\\p{Greek}]"), "error: \\p is not supported: a path has ASCII characters alone");
  EXPECT_EQ(parsed_tree(std::string(65, '(') + "a" + std::string(65, ')')), "error: groups are nested too deep");
  EXPECT_EQ(parsed_tree(std::string(64, '(') + "a" + std::string(64, ')')), "a");
}

}  // namespace
}  // namespace rhumb::decision
