// SPDX-License-Identifier: Apache-2.0
// The fuzzer's corpus, replayed: files named good- load, the others are refused with something to print.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/load.h"

namespace rhumb::config {
namespace {

TEST(YamlCorpus, LoadsWhatIsGoodAndRefusesTheRest) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RHUMB_SOURCE_DIR "/tests/fuzz/corpus/yaml")) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const Loaded loaded = load_text(text.str(), "corpus");
    const std::string printed = render(loaded.diagnostics, loaded.sources, Audience::of_the_files);
    EXPECT_EQ(loaded.ok(), entry.path().filename().string().starts_with("good-")) << entry.path() << printed;
    EXPECT_TRUE(loaded.ok() || !printed.empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 15u);
}

}  // namespace
}  // namespace rhumb::config
