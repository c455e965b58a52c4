// SPDX-License-Identifier: Apache-2.0
// What each kind of error and warning looks like: tests/golden/config/NAME.yaml and what is printed for it,
// NAME.expected. What it includes stands in the folder NAME.
// RHUMB_UPDATE_GOLDEN=1 writes the expectations anew; read the difference before it is committed.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config/codes.h"
#include "config/load.h"
#include "config/section.h"
#include "config/yaml.h"

namespace rhumb::config {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(RHUMB_SOURCE_DIR) / "tests/golden/config";

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> cases() {
  std::vector<fs::path> result;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// In messages, files are named as from the folder itself.
class InFolder {
 public:
  InFolder() : before_(fs::current_path()) { fs::current_path(kFolder); }
  ~InFolder() { fs::current_path(before_); }

 private:
  fs::path before_;
};

class Golden : public ::testing::TestWithParam<fs::path> {};

TEST_P(Golden, PrintsWhatIsExpected) {
  const InFolder here;
  const Loaded loaded = load_file(GetParam().filename().string());
  const std::string printed = render(loaded.diagnostics, loaded.sources, Audience::of_the_files, 100);
  fs::path expected = GetParam();
  expected.replace_extension(".expected");
  if (std::getenv("RHUMB_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << printed;
    GTEST_SKIP() << "written anew";
  }
  EXPECT_EQ(printed, slurp(expected));
  const std::string name = GetParam().stem().string();
  if (name.starts_with("E0") || name.starts_with("W0")) {
    EXPECT_THAT(printed, ::testing::HasSubstr("[" + name.substr(0, 5) + "]"));
  }
}

// No key of a release has another name than in the one before, so a table of the test's own stands in.
TEST(Golden, W0129_RenamedKey) {
  constexpr Field kTable[] = {{.name = "idle_timeout", .type = Type::duration, .fallback = "5s"},
                              {.name = "idle", .renamed_to = "idle_timeout"}};
  SourceList sources;
  Diagnostics diagnostics;
  ASSERT_TRUE(add_checked(sources, "rhumb.yaml", "idle: 7s\n", diagnostics));
  const auto tree = parse_yaml(sources, 0, diagnostics);
  const Section section(tree.get(), kTable, {}, diagnostics);
  EXPECT_EQ(section.duration("idle_timeout"), base::Seconds(7));
  EXPECT_EQ(render(diagnostics, sources, Audience::of_the_files),
            "rhumb.yaml:1:1: warning: 'idle' was renamed; use 'idle_timeout' instead [W0129]\n"
            "idle: 7s\n^~~~\nhelp: rhumb help W0129\n");
}

INSTANTIATE_TEST_SUITE_P(Config, Golden, ::testing::ValuesIn(cases()), [](const auto& instance) {
  std::string name = instance.param.stem().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(GoldenFiles, ShowEveryCode) {
  // These concern the file as such or take a large one; source_test.cc, load_test.cc and yaml_test.cc have them.
  std::set<int> missing_is_fine = {
      code::kUnreadable, code::kNotRegular, code::kTooLarge, code::kTooManyNodes, code::kUnsafe,
      // Above; and those that take an environment, the mode of a file or a machine:
      // overrides_test.cc, secret_test.cc, load_regions_test.cc, proxy's compile_test.cc and deep_check_test.cc.
      code::kRenamed, code::kOverride, code::kSecretOpen, code::kPattern, code::kTooManyRegions,
      code::kTooManyEndpoints, code::kGeoFile, code::kNotWritable, code::kSocketDirectory, code::kForeignAddress,
      code::kAddressInUse};
  std::set<std::string> shown;
  for (const fs::path& path : cases()) shown.insert(path.stem().string().substr(0, 5));
  for (const CodeHelp& row : all_codes()) {
    const std::string name = code_name(row.code, row.severity);
    EXPECT_TRUE(shown.contains(name) || missing_is_fine.contains(row.code)) << name;
  }
}

}  // namespace
}  // namespace rhumb::config
