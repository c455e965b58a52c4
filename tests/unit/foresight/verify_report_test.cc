// SPDX-License-Identifier: Apache-2.0
// Files in which a rule is broken, one kind of mistake each, and files in which all hold: tests/golden/verify/*.yaml
// and what is said of them, NAME.expected. Of the decision itself only client, session and winner are kept there:
// how explain looks is tested elsewhere. RHUMB_UPDATE_GOLDEN=1 writes the expectations anew; read the difference.
#include "foresight/verify_report.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path kVerifyFolder = fs::path(RHUMB_SOURCE_DIR) / "tests/golden/verify";

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> golden_files(const std::string& prefix) {
  std::vector<fs::path> result;
  for (const auto& entry : fs::directory_iterator(kVerifyFolder))
    if (entry.path().extension() == ".yaml" && entry.path().stem().string().starts_with(prefix))
      result.push_back(entry.path());
  std::sort(result.begin(), result.end());
  return result;
}

std::string without_table(const std::string& report) {
  std::istringstream in(report);
  std::string out, line;
  bool explaining = false;
  while (std::getline(in, line)) {
    if (line.starts_with("REFUTED    ")) explaining = false;
    if (line.starts_with("route ")) explaining = true;
    const bool kept = line.starts_with("client ") || line.starts_with("session ") || line.starts_with("winner ");
    if (!explaining || kept) out += line + "\n";
  }
  return out;
}

VerifyReport report_of(const Verified& verified, std::string_view file) {
  return {verified, file, "0123456789ab", [file](const config::AssertSpec& rule) {
            return rule.place.line == 0 ? "" : std::string(file) + ":" + std::to_string(rule.place.line);
          }};
}

class VerifyGolden : public ::testing::TestWithParam<fs::path> {};

TEST_P(VerifyGolden, SaysWhatIsExpected) {
  const config::Loaded loaded = config::load_text(text_of(GetParam()), GetParam().filename().string());
  ASSERT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  const Verified result = verify(loaded.spec);
  EXPECT_EQ(result.holds(), GetParam().filename().string().starts_with("good_"));
  const std::string printed = without_table(verify_text(report_of(result, GetParam().filename().string())));
  fs::path expected = GetParam();
  expected.replace_extension(".expected");
  if (std::getenv("RHUMB_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << printed;
    GTEST_SKIP() << "written anew";
  }
  EXPECT_EQ(printed, text_of(expected));
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& instance) { return instance.param.stem().string(); }

INSTANTIATE_TEST_SUITE_P(Bad, VerifyGolden, ::testing::ValuesIn(golden_files("bad_")), test_name);
INSTANTIATE_TEST_SUITE_P(Good, VerifyGolden, ::testing::ValuesIn(golden_files("good_")), test_name);

TEST(VerifyReport, IsThereForEnoughKinds) {
  EXPECT_GE(golden_files("bad_").size(), 20u);
  EXPECT_GE(golden_files("good_").size(), 6u);
}

const std::string kBroken =
    testing::three_regions() + "assert: [{name: stay, rule: stays_in, countries: [DE], regions: [eu]}]\n";

TEST(VerifyReport, ExplainsTheDecisionThatBreaksARule) {
  const Verified result = testing::verified(kBroken);
  const std::string text = verify_text(report_of(result, "f.yaml"));
  EXPECT_THAT(text, HasSubstr("f.yaml: 0 of 1 rules hold (3 regions, 4 sets of them down, "));
  EXPECT_THAT(text, HasSubstr("REFUTED    stay (f.yaml:"));
  EXPECT_THAT(text, HasSubstr("down       eu\n"));
  EXPECT_THAT(text, HasSubstr("eu      unhealthy"));
}

TEST(VerifyReport, HasItAllInJson) {
  const Verified result = testing::verified(kBroken);
  const std::string json = verify_json(report_of(result, "f.yaml"));
  for (const char* part : {"\"holds\": false", "\"rule\": \"stays_in\"", "\"failures\": 4", "\"country\": \"DE\"",
                           "\"removed\":\"unhealthy\"", "\"tenant\": null"})
    EXPECT_THAT(json, HasSubstr(part));
}

}  // namespace
}  // namespace rhumb::foresight
