// SPDX-License-Identifier: Apache-2.0
#include "config/masked_line.h"

#include <gmock/gmock.h>

namespace rhumb::config {
namespace {

/// The words of `open` stand in `line` one behind the other; `at` is what is underlined.
Masked masked(const std::string& line, const std::vector<std::string>& open, const std::string& at) {
  std::vector<Place> places;
  size_t from = 0;
  for (const std::string& word : open) {
    from = line.find(word, from);
    places.push_back({0, 1, static_cast<uint32_t>(from + 1), static_cast<uint32_t>(word.size())});
    from += word.size();
  }
  return masked_line({0, 1, static_cast<uint32_t>(line.find(at) + 1), static_cast<uint32_t>(at.size())}, line, places);
}

/// The line, and below it what is underlined.
std::string drawn(const Masked& masked) {
  return masked.text + "|" + masked.text.substr(std::min(masked.column, masked.text.size()), masked.length);
}

TEST(MaskedLine, KeepsWhatIsOpenAndTheStructure) {
  EXPECT_EQ(drawn(masked("  - {name: web, weight: 1e3}", {"name", "web", "weight", "1e3"}, "1e3")),
            "  - {name: web, weight: 1e3}|1e3");
  EXPECT_EQ(drawn(masked("regions: [\"a\", 'b']", {"regions", "\"a\"", "'b'"}, "'b'")), "regions: [\"a\", 'b']|'b'");
}

TEST(MaskedLine, PutsOneMarkForEachRunOfAnythingElse) {
  EXPECT_EQ(drawn(masked("- {id: 0, secret: \"a, b]\", name: x}", {"id", "0", "secret", "name", "x"}, "x")),
            "- {id: 0, secret: ***, name: x}|x");
  EXPECT_EQ(drawn(masked("secert: hunter2", {"secert"}, "secert")), "secert: ***|secert");
  EXPECT_EQ(drawn(masked("secret: hunter2", {"secret"}, "hunter2")), "secret: ***|***");
  EXPECT_EQ(drawn(masked("set: {a: [x, y]}", {"set", "a"}, "x")), "set: {a: [***|***");
  EXPECT_EQ(drawn(masked("  more\", id: 1}", {"id", "1"}, "1")), "  ***, id: 1}|1") << "the end of a value above";
}

TEST(MaskedLine, KeepsNoBeginningOfAValue) {
  for (const char* value : {"-hunter2", ":hunter2", "{hunter2", "[-hunter2", "'hunter2", "--hunter2"})
    EXPECT_EQ(drawn(masked(std::string("secret: ") + value, {"secret"}, "hunter2")).find("hunter2"), std::string::npos)
        << value;
  EXPECT_EQ(masked("secret: -hunter2", {"secret"}, "secret").text, "secret: ***");
}

TEST(MaskedLine, LeavesCommentsOut) {
  EXPECT_EQ(drawn(masked("name: web  # hunter2", {"name", "web"}, "web")), "name: web|web");
  EXPECT_EQ(drawn(masked("name: [web] # hunter2", {"name", "web"}, "web")), "name: [web]|web");
  EXPECT_EQ(drawn(masked("# secret: hunter2", {}, "#")), "|");
  EXPECT_EQ(masked("  - # hunter2", {}, "-").text, "  -");
}

TEST(MaskedLine, ShowsOpenValuesOfOneWordAlone) {
  EXPECT_EQ(masked("name: ops secret hunter2", {"name", "ops secret hunter2"}, "name").text, "name: ***");
  EXPECT_EQ(masked("to: \"https://u:p@h/\"", {"to", "\"https://u:p@h/\""}, "to").text, "to: ***");
  EXPECT_EQ(masked("path: \"${HOME}\"", {"path", "\"${HOME}\""}, "path").text, "path: \"${HOME}\"");
  EXPECT_EQ(masked("path: \"${X:-hunter2}\"", {"path", "\"${X:-hunter2}\""}, "path").text, "path: ***");
  EXPECT_EQ(masked("name: \"hunter2", {"name", "\"hunter2"}, "name").text, "name: ***") << "the quote does not end";
}

TEST(MaskedLine, OfAnUnknownLineKeepsTheKeysOfTheTablesAtItsBeginning) {
  EXPECT_EQ(drawn(masked("    - {id: 1 secret: hunter2", {}, "secret")), "    - {id: ***|***");
  EXPECT_EQ(drawn(masked("    - {id: 1, secret: hunter2", {}, "hunter2")), "    - {id: 1, secret: ***|***");
  EXPECT_EQ(drawn(masked("  - {name: 1, id: 123456789, secret: 1", {}, "secret")), "  - {name: ***|***");
  EXPECT_EQ(masked("secret: 1", {}, "1").text, "secret: ***");
  EXPECT_EQ(drawn(masked("  secret: \"hunter2", {}, "\"hunter2")), "  secret: ***|***");
  EXPECT_EQ(drawn(masked("\tname: x", {}, "\tname")), "\tname: ***|\tname");
  EXPECT_EQ(masked("hunter2: name: x", {}, "hunter2").text, "***");
  EXPECT_EQ(masked("\"secret\" : x", {}, "x").text, "\"secret\" : ***");
  EXPECT_EQ(masked("secret:x", {}, "x").text, "***");
  EXPECT_EQ(masked("regions:", {}, "regions").text, "regions:");
  EXPECT_EQ(masked("---", {}, "---").text, "---");
  EXPECT_EQ(masked("--- x", {}, "---").text, "***");
  EXPECT_EQ(masked("", {}, "").text, "");
}

TEST(MaskedLine, CountsInCharacters) {
  const std::vector<Place> open = {{0, 1, 1, 2}, {0, 1, 10, 1}, {0, 1, 13, 1}};
  const Masked masked = masked_line(open.back(), "s\xc3\xbc: \xc3\xbc\xc3\xbc\xc3\xbc, x: 1", open);
  EXPECT_EQ(masked.text, "s\xc3\xbc: ***, x: 1");
  EXPECT_EQ(masked.column, 12u);
  EXPECT_EQ(masked.length, 1u);
}

TEST(MaskedLine, LooksAtNoMoreOfALongLineThanIsShown) {
  const std::string line = "name: " + std::string(1 << 20, 'x') + ", id: 1, secret: " + std::string(1 << 20, 'y');
  const Masked masked =
      masked_line({0, 1, (1 << 20) + 9, 2}, line,
                  {{0, 1, 1, 4}, {0, 1, (1 << 20) + 9, 2}, {0, 1, (1 << 20) + 13, 1}, {0, 1, (1 << 20) + 16, 6}});
  EXPECT_EQ(drawn(masked), "***, id: 1, secret: ***|id");
}

}  // namespace
}  // namespace rhumb::config
