// SPDX-License-Identifier: Apache-2.0
#include "config/source.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

std::vector<int> codes_of_reading(const std::string& path, size_t limit = kMaxFileBytes) {
  Diagnostics diagnostics;
  const auto text = read_regular(path, limit, {}, diagnostics);
  EXPECT_EQ(text.has_value(), !diagnostics.has_errors());
  return codes(diagnostics);
}

bool accepts(const std::string& text) {
  SourceList sources;
  Diagnostics diagnostics;
  const bool good = add_checked(sources, "t", text, diagnostics);
  EXPECT_EQ(good, !diagnostics.has_errors());
  EXPECT_EQ(sources.size(), 1u);
  return good;
}

TEST(Source, GivesTheBytesOfARegularFile) {
  const TemporaryDirectory directory;
  Diagnostics diagnostics;
  EXPECT_EQ(read_regular(directory.write("a", "x: 1\n"), 5, {}, diagnostics), "x: 1\n");
  EXPECT_EQ(read_regular(directory.write("empty", ""), 5, {}, diagnostics), "");
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(Source, RefusesAFileThatIsMissingOrMayNotBeRead) {
  const TemporaryDirectory directory;
  EXPECT_THAT(codes_of_reading(directory.path("missing")), ElementsAre(code::kUnreadable));
  const std::string file = directory.write("locked", "x");
  EXPECT_THAT(codes_of_reading(file + "/below"), ElementsAre(code::kUnreadable));
  EXPECT_THAT(codes_of_reading(std::string("a\0b", 3)), ElementsAre(code::kUnreadable));
  ::chmod(file.c_str(), 0);
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  EXPECT_THAT(codes_of_reading(file), ElementsAre(code::kUnreadable));
}

TEST(Source, RefusesWhatIsNotARegularFileWithoutWaitingForIt) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo(directory.path("fifo").c_str(), 0600), 0);
  EXPECT_THAT(codes_of_reading(directory.path("fifo")), ElementsAre(code::kNotRegular));
  EXPECT_THAT(codes_of_reading(directory.path("")), ElementsAre(code::kNotRegular));
  EXPECT_THAT(codes_of_reading("/dev/zero"), ElementsAre(code::kNotRegular));
}

TEST(Source, RefusesAFileOneByteLargerThanTheLimit) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a", std::string(kMaxFileBytes + 1, '#'));
  EXPECT_THAT(codes_of_reading(file), ElementsAre(code::kTooLarge));
  EXPECT_THAT(codes_of_reading(file, kMaxFileBytes + 1), ElementsAre());
}

TEST(Source, RefusesATextLargerThanTheLimit) {
  EXPECT_TRUE(accepts(std::string(kMaxFileBytes, '#')));
  EXPECT_FALSE(accepts(std::string(kMaxFileBytes + 1, '#')));
}

TEST(Source, AcceptsUtf8AndDropsTheByteOrderMark) {
  SourceList sources;
  Diagnostics diagnostics;
  EXPECT_TRUE(add_checked(sources, "t",
                          "\xef\xbb\xbf"
                          "a: gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\x8d\r\n\tb\n",
                          diagnostics));
  EXPECT_EQ(sources.at(0).text, "a: gr\xc3\xbc\xc3\x9f \xf0\x9f\x8c\x8d\r\n\tb\n");
}

TEST(Source, RefusesWhatIsNotUtf8) {
  for (const char* text : {"\xff", "a\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(accepts(text)) << testing::rendered(load_text(text, "t"));
  }
}

TEST(Source, RefusesControlAndInvisibleCharacters) {
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\x04"), std::string("\x1b[0m"), std::string("a\rb"), std::string("a\r"),
        std::string("\x7f"), std::string("\xc2\x9b"), std::string("\xe2\x80\x8b"), std::string("\xe2\x80\xae"),
        std::string("a\xef\xbb\xbf")}) {
    EXPECT_FALSE(accepts(text)) << text;
  }
}

TEST(Source, NamesThePlaceOfABadCharacter) {
  SourceList sources;
  Diagnostics diagnostics;
  add_checked(sources, "t", "ok\n\xc3\xbc\xc3\xbc\x01", diagnostics);
  const Diagnostic d = diagnostics.sorted()[0];
  EXPECT_EQ(d.place.line, 2u);
  EXPECT_EQ(d.place.column, 3u);
  EXPECT_THAT(d.message, HasSubstr("U+0001"));
}

TEST(Source, TellsThePermissionsOfAFile) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a", "x");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  Diagnostics diagnostics;
  unsigned mode = 0;
  read_regular(file, 5, {}, diagnostics, &mode);
  EXPECT_EQ(mode, 0640u);
}

TEST(IsOneLine, TakesWhatAMessageMayShow) {
  EXPECT_TRUE(is_one_line("conf.d/gr\xc3\xbc\xc3\x9f.yaml"));
  for (const char* text : {"a\nb", "a\tb", "\x1b[0m", "\xff", "a\xe2\x80\xae"}) EXPECT_FALSE(is_one_line(text)) << text;
}

TEST(Source, GivesTheLineOfAPlaceWithoutItsEnd) {
  SourceList sources;
  sources.add("a", "one\r\ntwo\n\nlast");
  const uint16_t b = sources.add("b", "");
  EXPECT_EQ(sources.line({0, 1, 1}), "one");
  EXPECT_EQ(sources.line({0, 2, 1}), "two");
  EXPECT_EQ(sources.line({0, 3, 1}), "");
  EXPECT_EQ(sources.line({0, 4, 1}), "last");
  EXPECT_EQ(sources.line({0, 5, 1}), "");
  EXPECT_EQ(sources.line({0, 0, 0}), "");
  EXPECT_EQ(sources.line({7, 1, 1}), "");
  EXPECT_EQ(sources.name({b, 1, 1}), "b");
  EXPECT_EQ(sources.name({7, 1, 1}), "");
}

TEST(Source, StaysValidWhenMoved) {
  SourceList sources;
  sources.add("a", "one");
  const SourceList moved = std::move(sources);
  EXPECT_EQ(moved.line({0, 1, 1}), "one");
}

TEST(PlaceFinder, CountsColumnsInCharactersInAnyOrder) {
  SourceList sources;
  sources.add("a",
              "\xc3\xbc"
              "b\n\xe2\x82\xac"
              "cd\n");
  PlaceFinder finder(sources.at(0), 0);
  const auto at = [&](size_t offset) {
    const Place p = finder.at(offset);
    return std::pair(p.line, p.column);
  };
  EXPECT_EQ(at(0), std::pair(1u, 1u));
  EXPECT_EQ(at(2), std::pair(1u, 2u));
  EXPECT_EQ(at(4), std::pair(2u, 1u));
  EXPECT_EQ(at(8), std::pair(2u, 3u));
  EXPECT_EQ(at(7), std::pair(2u, 2u));
  EXPECT_EQ(at(2), std::pair(1u, 2u));
  EXPECT_EQ(at(9999), std::pair(3u, 1u));
}

}  // namespace
}  // namespace rhumb::config
