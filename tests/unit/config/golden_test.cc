// SPDX-License-Identifier: Apache-2.0
// What each kind of error looks like: tests/golden/config/NAME.yaml and what is printed for it, NAME.expected.
// RHUMB_UPDATE_GOLDEN=1 writes the expectations anew; read the difference before it is committed.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config/codes.h"
#include "config/load.h"

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

class Golden : public ::testing::TestWithParam<fs::path> {};

TEST_P(Golden, PrintsWhatIsExpected) {
  const Loaded loaded = load_text(slurp(GetParam()), GetParam().filename().string());
  const std::string printed = render(loaded.diagnostics, loaded.sources, 100);
  fs::path expected = GetParam();
  expected.replace_extension(".expected");
  if (std::getenv("RHUMB_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << printed;
    GTEST_SKIP() << "written anew";
  }
  EXPECT_EQ(printed, slurp(expected));
  const std::string name = GetParam().stem().string();
  if (name.starts_with('E')) {
    EXPECT_THAT(printed, ::testing::HasSubstr("[" + name.substr(0, 5) + "]"));
  }
}

INSTANTIATE_TEST_SUITE_P(Config, Golden, ::testing::ValuesIn(cases()), [](const auto& instance) {
  std::string name = instance.param.stem().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(GoldenFiles, ShowEveryCode) {
  // These concern the file as such or take a large one; source_test.cc, load_test.cc and yaml_test.cc have them.
  std::set<int> missing_is_fine = {code::kUnreadable, code::kNotRegular, code::kTooLarge, code::kTooManyNodes,
                                   code::kUnsafe};
  std::set<std::string> shown;
  for (const fs::path& path : cases()) shown.insert(path.stem().string().substr(0, 5));
  for (const CodeHelp& row : all_codes()) {
    const std::string name = "E0" + std::to_string(row.code);
    EXPECT_TRUE(shown.contains(name) || missing_is_fine.contains(row.code)) << name;
  }
}

}  // namespace
}  // namespace rhumb::config
