// SPDX-License-Identifier: Apache-2.0
#include "config/include.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes;
using ::testing::ElementsAre;
using testing::Environment;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::rendered;
using testing::TemporaryDirectory;
using testing::warnings;

std::string region(const std::string& name) {
  return "  - {name: " + name + ", location: {latitude: 1, longitude: 2}, endpoints: [\"127.0.0.1:9001\"]}\n";
}

class IncludeTest : public ::testing::Test {
 protected:
  /// The main file, with `more` in it, is in the folder already when it is loaded.
  Loaded load_main(const std::string& more) {
    directory_.write("rhumb.yaml", testing::kListeners + more);
    return load_file(directory_.path("rhumb.yaml"));
  }
  std::vector<std::string> regions_of(const Loaded& loaded) {
    std::vector<std::string> names;
    for (const RegionSpec& r : loaded.spec.regions) names.push_back(r.name);
    return names;
  }
  TemporaryDirectory directory_;
};

TEST_F(IncludeTest, JoinsListsInOrderTheIncludingFileFirst) {
  directory_.write("conf.d/2.yaml", "regions:\n" + region("two"));
  directory_.write("conf.d/1.yaml", "include: sub/deep.yaml\nregions:\n" + region("one"));
  directory_.write("conf.d/sub/deep.yaml", "regions:\n" + region("deep"));
  directory_.write("last.yaml", "regions:\n" + region("last") + "gateway: {workers: 3}\n");
  const Loaded loaded = load_main("include: [conf.d/*.yaml, last.yaml]\nregions:\n" + region("main"));
  ASSERT_TRUE(loaded.ok()) << rendered(loaded);
  EXPECT_THAT(regions_of(loaded), ElementsAre("main", "one", "deep", "two", "last"));
  EXPECT_EQ(loaded.spec.gateway.workers, 3u);
  EXPECT_EQ(loaded.sources.name(loaded.spec.regions[2].place), directory_.path("conf.d/sub/deep.yaml"));
  EXPECT_EQ(loaded.spec.tree->find("include"), nullptr);
  EXPECT_THAT(loaded.paths, ElementsAre(directory_.path("rhumb.yaml"), directory_.path("conf.d/*.yaml"),
                                        directory_.path("conf.d/sub/deep.yaml"), directory_.path("last.yaml")));
}

TEST_F(IncludeTest, NamesThePlaceInTheFileItIsIn) {
  directory_.write("regions.yaml", "regions:\n" + region("a") + "fence:\n  - {countries: [DE], regions: [b]}\n");
  const Loaded loaded = load_main("include: regions.yaml\n");
  EXPECT_THAT(rendered(loaded), HasSubstr(directory_.path("regions.yaml") + ":4:33: error: unknown region 'b'"));
}

TEST_F(IncludeTest, APatternMayMatchNothingAndANameMayNot) {
  const Loaded nothing = load_main(testing::kRegions + "include: conf.d/*.yaml\n");
  EXPECT_TRUE(nothing.ok());
  EXPECT_THAT(warnings(nothing.diagnostics), ElementsAre(code::kIncludeNothing));
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: conf.d/a.yaml\n").diagnostics),
              ElementsAre(code::kUnreadable));
}

TEST_F(IncludeTest, SaysNothingOfWhatABrokenFileMayHold) {
  directory_.write("regions.yaml", "regions: [\n");
  const Loaded loaded = load_main("include: regions.yaml\nrouts: []\n");
  EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kSyntax)) << rendered(loaded);
}

TEST_F(IncludeTest, RefusesAKeyInTwoFiles) {
  directory_.write("a.yaml", "version: 1\nx-mine: 1\n");
  directory_.write("b.yaml", "gateway: {workers: 2}\nx-mine: 2\n");
  const Loaded loaded = load_main(testing::kRegions + "include: [a.yaml, b.yaml]\ngateway: {workers: 1}\nversion: 1\n");
  EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kDuplicateKey, code::kDuplicateKey));
  EXPECT_THAT(rendered(loaded), HasSubstr("rhumb.yaml:11:1: note: the first one is here"));
}

TEST_F(IncludeTest, RefusesWhatIsNoListAmongLists) {
  directory_.write("a.yaml", "regions: 7\n");
  for (const std::string& in_main : {testing::kRegions, std::string("regions: 7\n")}) {
    EXPECT_THAT(codes(load_main(in_main + "include: a.yaml\n").diagnostics), ::testing::Contains(code::kWrongKind));
  }
}

TEST_F(IncludeTest, ReadsNoFileTwice) {
  directory_.write("a.yaml", "routes: []\n");
  ASSERT_EQ(::symlink("a.yaml", directory_.path("b.yaml").c_str()), 0);
  for (const char* names : {"[a.yaml, ./a.yaml]", "[a.yaml, b.yaml]", "[a.yaml, a*.yaml]"}) {
    const Loaded loaded = load_main(testing::kRegions + "include: " + names + "\n");
    EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kIncludedTwice)) << names;
    EXPECT_THAT(rendered(loaded), HasSubstr("note: it is included here"));
  }
}

TEST_F(IncludeTest, RefusesACircle) {
  directory_.write("a.yaml", "include: b.yaml\n");
  directory_.write("b.yaml", "include: rhumb.yaml\n");
  const Loaded loaded = load_main(testing::kRegions + "include: a.yaml\n");
  EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kIncludedTwice));
  EXPECT_THAT(rendered(loaded), HasSubstr("b.yaml:1:10: error: '" + directory_.path("rhumb.yaml") + "' is being read"));
}

TEST_F(IncludeTest, GoesFourLevelsDeep) {
  for (int i = 1; i <= 4; ++i)
    directory_.write(std::to_string(i) + ".yaml",
                     i == 4 ? "routes: []\n" : "include: " + std::to_string(i + 1) + ".yaml\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: 1.yaml\n").diagnostics), IsEmpty());
  directory_.write("4.yaml", "include: 5.yaml\n");
  directory_.write("5.yaml", "routes: []\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: 1.yaml\n").diagnostics), ElementsAre(code::kIncludeLimit));
}

TEST_F(IncludeTest, BoundsFilesEntriesAndBytes) {
  for (int i = 0; i < 63; ++i) directory_.write("conf.d/" + std::to_string(i) + ".yaml", "x-a: 1\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: conf.d/*\n").diagnostics), IsEmpty());
  directory_.write("conf.d/63.yaml", "x-a: 1\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: conf.d/*\n").diagnostics),
              ElementsAre(code::kIncludeLimit));

  std::string entries = "include:\n";
  for (int i = 0; i < 65; ++i) entries += "  - none/*." + std::to_string(i) + "\n";
  EXPECT_THAT(codes(load_main(testing::kRegions + entries).diagnostics), ElementsAre(code::kIncludeLimit));

  for (int i = 0; i < 4; ++i) directory_.write("large." + std::to_string(i), "x-a: 1\n#" + std::string(1'040'000, 'a'));
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: large.*\n").diagnostics), IsEmpty());
  directory_.write("large.4", "#" + std::string(100'000, 'a') + "\nx-a: 1\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: large.*\n").diagnostics), ElementsAre(code::kIncludeLimit));
}

TEST_F(IncludeTest, CountsTheValuesOfAllFilesTogether) {
  std::string many = "x-a: [";
  for (int i = 0; i < 26'000; ++i) many += "1,";
  directory_.write("a.yaml", many + "1]\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: a.yaml\n").diagnostics), IsEmpty());
  directory_.write("b.yaml", many + "1]\n");
  EXPECT_THAT(codes(load_main(testing::kRegions + "include: [a.yaml, b.yaml]\n").diagnostics),
              ElementsAre(code::kTooManyNodes));
}

TEST_F(IncludeTest, TakesNamesFromTheEnvironment) {
  const Environment set("RHUMB_TEST_A", directory_.path("conf.d").c_str());
  directory_.write("conf.d/a.yaml", testing::kRegions);
  EXPECT_THAT(codes(load_main("include: \"${RHUMB_TEST_A}/*.yaml\"\n").diagnostics), IsEmpty());
  EXPECT_THAT(codes(load_main("include: \"${RHUMB_TEST_NONE}/*.yaml\"\n").diagnostics),
              ElementsAre(code::kEnvironment));
}

TEST_F(IncludeTest, RefusesEntriesThatAreNoNames) {
  for (const char* value : {"7.5: 1", "{a: b}", "[[a]]", "", "[\"\"]", "\"a\\nb\"", "\"!file /etc/passwd\""}) {
    const std::string text = testing::kRegions + "include: " + value + "\n";
    EXPECT_FALSE(load_main(text).ok()) << value;
  }
}

TEST_F(IncludeTest, RefusesAFileWhoseNameCannotBeShown) {
  directory_.write("conf.d/\x1b[31m.yaml", "routes: []\n");
  const Loaded loaded = load_main(testing::kRegions + "include: conf.d/*\n");
  EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kUnreadable));
  EXPECT_THAT(rendered(loaded), ::testing::Not(HasSubstr("\x1b")));
}

TEST_F(IncludeTest, TakesAFolderWithOddCharactersAsItIs) {
  directory_.write("[x]*/main.yaml", "include: \"*.part\"\n" + testing::kListeners);
  directory_.write("[x]*/a.part", testing::kRegions);
  EXPECT_THAT(codes(load_file(directory_.path("[x]*/main.yaml")).diagnostics), IsEmpty());
}

// Row C1: whatever an included file is, it is refused with a reason at the place that names it.
TEST_F(IncludeTest, C1_RefusesWhatIsNoFile) {
  ASSERT_EQ(::mkfifo(directory_.path("fifo").c_str(), 0600), 0);
  ASSERT_EQ(::mkdir(directory_.path("folder").c_str(), 0700), 0);
  directory_.write("large", std::string((1 << 20) + 1, '#'));
  directory_.write("empty", "");
  directory_.write("half", "regions:\n  - {name: a, endpo");
  directory_.write("comma", ",");
  const std::pair<const char*, int> expected[] = {{"fifo", code::kNotRegular},      {"folder", code::kNotRegular},
                                                  {"/dev/zero", code::kNotRegular}, {"large", code::kTooLarge},
                                                  {"empty", code::kNotMapping},     {"half", code::kKeyNotScalar},
                                                  {"comma", code::kSyntax}};
  for (const auto& [name, number] : expected) {
    EXPECT_THAT(codes(load_main(testing::kRegions + "include: " + name + "\n").diagnostics), ElementsAre(number))
        << name;
  }
}

TEST(Include, NeedsFiles) {
  EXPECT_THAT(testing::codes_with("include: /etc/passwd\n"), ElementsAre(code::kUnreadable));
}

}  // namespace
}  // namespace rhumb::config
