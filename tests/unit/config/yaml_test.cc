// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.h"

#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Parsed {
  SourceList sources;
  Diagnostics diagnostics;
  std::unique_ptr<Node> root;
  const Node& at(std::string_view key) const { return *root->find(key); }
};

Parsed parse(const std::string& text) {
  Parsed result;
  if (add_checked(result.sources, "t", text, result.diagnostics)) {
    result.root = parse_yaml(result.sources, 0, result.diagnostics);
  }
  return result;
}

std::vector<int> errors_in(const std::string& text) {
  const Parsed parsed = parse(text);
  return codes(parsed.diagnostics);
}

std::string repeated(const std::string& unit, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += unit;
  return result;
}

std::tuple<uint32_t, uint32_t, uint32_t> spot(const Place& place) { return {place.line, place.column, place.length}; }

TEST(Yaml, KeepsScalarsAsTheyAreWritten) {
  const Parsed p = parse("a: 010\nb: \"010\"\nc: no\nd: 'it''s'\ne: |\n  x\n  y\nf: {g: [1, two]}\n");
  ASSERT_TRUE(p.root);
  EXPECT_EQ(p.at("a").scalar, "010");
  EXPECT_FALSE(p.at("a").quoted);
  EXPECT_EQ(p.at("b").scalar, "010");
  EXPECT_TRUE(p.at("b").quoted);
  EXPECT_EQ(p.at("c").scalar, "no");
  EXPECT_EQ(p.at("d").scalar, "it's");
  EXPECT_EQ(p.at("e").scalar, "x\ny\n");
  EXPECT_EQ(p.at("f").find("g")->items[1].scalar, "two");
}

TEST(Yaml, KnowsWhereEverythingStands) {
  const Parsed p = parse("# c\ngr\xc3\xbc\xc3\x9f: \"\xc3\xbc\" # x\nb:\n  - \xe2\x82\xac: 1\n  - 'q''q'\n");
  ASSERT_TRUE(p.root);
  EXPECT_EQ(spot(p.root->members[0].key_place), std::tuple(2u, 1u, 4u));
  EXPECT_EQ(spot(p.root->members[0].value.place), std::tuple(2u, 7u, 3u));
  EXPECT_EQ(spot(p.at("b").place), std::tuple(4u, 3u, 1u));
  EXPECT_EQ(spot(p.at("b").items[0].members[0].value.place), std::tuple(4u, 8u, 1u));
  EXPECT_EQ(spot(p.at("b").items[1].place), std::tuple(5u, 5u, 6u));
}

TEST(Yaml, PlacesNullsWhereTheyAreMissingAndNotAtTheNextLine) {
  const Parsed p = parse("a:\n\n# c\nb: ~\nc: null\nd:\n  -\n  # c\n  - x\n  - # c\n");
  ASSERT_TRUE(p.root);
  EXPECT_EQ(p.at("a").kind, Node::Kind::null);
  EXPECT_EQ(spot(p.at("a").place), std::tuple(1u, 1u, 1u));
  EXPECT_EQ(spot(p.at("b").place), std::tuple(4u, 4u, 1u));
  EXPECT_EQ(spot(p.at("c").place), std::tuple(5u, 4u, 4u));
  EXPECT_EQ(spot(p.at("d").items[0].place), std::tuple(7u, 3u, 1u));
  EXPECT_EQ(spot(p.at("d").items[2].place), std::tuple(10u, 3u, 1u));
}

TEST(Yaml, ReadsWindowsLineEnds) {
  const Parsed p = parse("a: 1\r\nb: \"x\"\r\n");
  ASSERT_TRUE(p.root);
  EXPECT_EQ(p.at("a").scalar, "1");
  EXPECT_EQ(spot(p.at("b").place), std::tuple(2u, 4u, 3u));
}

TEST(Yaml, AllowsOneDocumentWithItsMarks) {
  EXPECT_THAT(errors_in("# c\n---\na: 1\n"), IsEmpty());
  EXPECT_THAT(errors_in("---\na: 1\n...\n# c\n"), IsEmpty());
  EXPECT_THAT(errors_in("--- # c\na: |\n  ---\n"), IsEmpty());
  EXPECT_THAT(errors_in("a: ----\nb: -- ---\n"), IsEmpty());
}

TEST(Yaml, RefusesASecondDocumentWhereverItBegins) {
  for (const char* text : {"a: 1\n---\nb: 2\n", "a: 1\n--- b\n", "---\n---\na: 1\n", "a: 1\n...\nb: 2\n",
                           "---\na: 1\n...\n---\n", "a: 1\r\n---\r\nb: 1\r\n"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kSecondDocument)) << text;
  }
}

// On each of these a naive use of yaml-cpp 0.7 loops for ever or stays silent.
TEST(Yaml, EndsOnInputsThatYieldDocumentsWithoutEnd) {
  for (const char* text : {",", "[],", "{},", ",,", "[]\n,", "- a\nb: 1\n", "\"a\" \"b\"", "[] []", "{} x"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kSyntax)) << text;
  }
}

TEST(Yaml, RefusesBracketsAndCommasOutOfPlace) {
  for (const char* text : {"a: ,", "}", "]", "a: ]", "a: [}", "a: {]", "a: [b", "a: @x", "a: `x", "a: b: c",
                           "a: \"x\" y", "a: \"\\q\"", "a: *x"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kSyntax)) << text;
  }
}

TEST(Yaml, RefusesAQuoteThatIsNeverClosedAndNamesItsBegin) {
  for (const char* text :
       {"a: \"", "a: '", "a: \"b", "a: 'b\n", "a: \"b\\\"", "a: 'b''", "a: {\"b", "# \"\na: it's\nb: 'c"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kUnterminated)) << text;
  }
  const Parsed p = parse("a: \"b\"\nc: \"d\ne: f\n");
  EXPECT_EQ(spot(p.diagnostics.sorted()[0].place), std::tuple(2u, 4u, 1u));
}

TEST(Yaml, RefusesAnchorsAliasesAndBombs) {
  EXPECT_THAT(errors_in("a: &x 1\n"), ElementsAre(code::kAnchor));
  EXPECT_THAT(errors_in("a: &x 1\nb: *x\n"), ElementsAre(code::kAnchor, code::kAnchor));
  EXPECT_THAT(errors_in("a: &a [*a]"), ElementsAre(code::kAnchor, code::kAnchor));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
            repeated("*a" + std::to_string(i - 1) + ",", 9) + "]\n";
  }
  EXPECT_FALSE(parse(bomb).root);
}

TEST(Yaml, ReportsADuplicateKeyWithBothPlacesAndKeepsTheFirst) {
  const Parsed p = parse("a: 1\nb: 2\na: {c: 3}\n");
  ASSERT_TRUE(p.root);
  EXPECT_EQ(p.at("a").scalar, "1");
  EXPECT_EQ(p.root->members.size(), 2u);
  const Diagnostic d = p.diagnostics.sorted().at(0);
  EXPECT_EQ(d.code, code::kDuplicateKey);
  EXPECT_EQ(d.place.line, 3u);
  EXPECT_EQ(d.other.line, 1u);
}

TEST(Yaml, RefusesMergeKeysTagsDirectivesAndKeysThatAreNoWords) {
  EXPECT_THAT(errors_in("a:\n  <<: {b: 1}\n"), ElementsAre(code::kMergeKey));
  for (const char* text : {"a: !!str 1", "a: !x {b: 1}", "a: ! b", "a: !file /x", "!!map\na: 1", "!!str a: 1"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kTag)) << text;
  }
  EXPECT_THAT(errors_in("%YAML 1.2\n---\na: 1\n"), ElementsAre(code::kDirective));
  EXPECT_THAT(errors_in("%TAG ! x\n"), ElementsAre(code::kDirective));
  for (const char* text : {"? [a]\n: b", "[a]: b", "{a: b}: c", ": a", "? ", "{,}", "~: a", "a: {b: 1,, c: 2}"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kKeyNotScalar)) << text;
  }
}

TEST(Yaml, RefusesWhatIsNoMapping) {
  for (const char* text : {"", "\n", "# c\n", " ", "a", "- a", "~", "---\n", "\"a\"", "[]"}) {
    EXPECT_THAT(errors_in(text), ElementsAre(code::kNotMapping)) << text;
  }
}

TEST(Yaml, HoldsItsBudgetOfValues) {
  EXPECT_THAT(errors_in("a: [" + repeated("1,", kMaxNodes - 2) + "]"), IsEmpty());
  EXPECT_THAT(errors_in("a: [" + repeated("1,", kMaxNodes - 1) + "]"), ElementsAre(code::kTooManyNodes));
}

TEST(Yaml, HoldsItsBudgetOfDepth) {
  EXPECT_THAT(errors_in("a: " + repeated("[", kMaxDepth - 1) + repeated("]", kMaxDepth - 1)), IsEmpty());
  EXPECT_THAT(errors_in("a: " + repeated("[", kMaxDepth) + repeated("]", kMaxDepth)), ElementsAre(code::kTooDeep));
  EXPECT_THAT(errors_in(repeated("- ", 100'000)), ElementsAre(code::kTooDeep));
}

TEST(Yaml, SurvivesDeepAndEndlessNesting) {
  for (const char* unit :
       {"[", "{", "? ", "a: ", "[a ", "{\"a\":", "- ? ", "!", "&a ", "'", "\"", "|", "\t", "%", ":"}) {
    EXPECT_FALSE(parse(repeated(unit, 100'000)).root) << unit;
    EXPECT_FALSE(parse("a: " + repeated(unit, 100'000) + "b: c: d").root) << unit;
  }
}

}  // namespace
}  // namespace rhumb::config
