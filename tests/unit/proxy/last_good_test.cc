// SPDX-License-Identifier: Apache-2.0
#include "proxy/last_good.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/bundle.h"
#include "config/codes.h"
#include "tests/unit/base/outlets.h"

namespace rhumb::proxy {
namespace {

namespace fs = std::filesystem;

class LastGood : public ::testing::Test {
 protected:
  LastGood() : path(::testing::TempDir() + "/last-good." + std::to_string(::getpid())) { fs::remove(path); }
  ~LastGood() override { fs::remove(path); }
  /// The bytes of a configuration of two files.
  static std::string bundle() {
    config::Bundle two;
    two.files.push_back(
        {"/etc/rhumb.yaml", "1", "include: more.yaml\nlisteners: [{name: web, address: \"127.0.0.1:0\"}]\n", {}});
    two.files.push_back(
        {"/etc/more.yaml",
         "2",
         "regions: [{name: eu, endpoints: [\"127.0.0.1:1\"]}]\nroutes: [{name: all, strategy: priority}]\n",
         {}});
    return config::encode(two);
  }
  std::string text() const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  uint16_t refused() const {
    std::string kept;
    const config::Loaded loaded = load_last_good(path, kept);
    const auto all = loaded.diagnostics.sorted();
    return all.empty() ? 0 : all.front().code;
  }
  std::string path;
};

TEST_F(LastGood, IsLoadedAgainWithAllItsFiles) {
  ASSERT_TRUE(keep_last_good(path, "/etc/rhumb.yaml", bundle()).has_value());
  std::string kept;
  const config::Loaded loaded = load_last_good(path, kept);
  ASSERT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  EXPECT_EQ(loaded.spec.regions.at(0).name, "eu");
  EXPECT_EQ(kept, bundle());
}

TEST_F(LastGood, IsForItsOwnerAloneAndReplacesWhatWasThere) {
  std::ofstream(path) << "older";
  ASSERT_TRUE(keep_last_good(path, "/etc/rhumb.yaml", bundle()).has_value());
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(fs::exists(path + ".new"));
  EXPECT_EQ(refused(), 0);
}

TEST_F(LastGood, IsRefusedWhenItIsMissingForeignOrChanged) {
  EXPECT_EQ(refused(), config::code::kUnreadable);
  std::ofstream(path) << "something else";
  EXPECT_EQ(refused(), config::code::kUnreadable);
  ASSERT_TRUE(keep_last_good(path, "/etc/rhumb.yaml", bundle()).has_value());
  const std::string whole = text();
  for (size_t at = 0; at < whole.size(); at += 7) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    std::ofstream(path) << changed;
    // The path of the configuration is but a name.
    const bool name = at > whole.find('\n') && at < whole.find('\n', whole.find('\n') + 1);
    if (!name) {
      EXPECT_NE(refused(), 0) << at;
    }
  }
  std::ofstream(path) << whole.substr(0, whole.size() / 2);
  EXPECT_EQ(refused(), config::code::kUnreadable);
}

TEST_F(LastGood, CannotBeKeptWhereNothingCanBeWritten) {
  EXPECT_FALSE(keep_last_good("/nowhere/last-good", "/etc/rhumb.yaml", bundle()).has_value());
}

TEST_F(LastGood, OfWhatADiskThatIsFullDoesNotTakeNothingIsLeft) {
  ASSERT_TRUE(keep_last_good(path, "/etc/rhumb.yaml", bundle()).has_value());
  const std::string before = text();
  base::FullDisk full(100);
  const auto kept = keep_last_good(path, "/etc/rhumb.yaml", bundle());
  full.end();
  EXPECT_FALSE(kept.has_value());
  EXPECT_FALSE(fs::exists(path + ".new"));
  EXPECT_EQ(text(), before);
}

TEST_F(LastGood, StandsInTheServicesStateDirectory) {
  ::unsetenv("STATE_DIRECTORY");
  EXPECT_EQ(last_good_path(), "");
  ::setenv("STATE_DIRECTORY", "/var/lib/rhumb:/var/lib/other", 1);
  EXPECT_EQ(last_good_path(), "/var/lib/rhumb/last-good");
  ::unsetenv("STATE_DIRECTORY");
}

}  // namespace
}  // namespace rhumb::proxy
