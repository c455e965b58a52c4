// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_file.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace rhumb::proxy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The child of load_config is this very program, started again.
__attribute__((constructor)) void answer_as_child(int argc, char** argv, char**) {
  if (argc != 3 || std::strcmp(argv[1], kConfigCommand) != 0) return;
  const char* fate = std::getenv("RHUMB_TEST_CHILD");
  if (fate != nullptr && std::strcmp(fate, "crash") == 0) std::abort();
  if (fate != nullptr && std::strcmp(fate, "hang") == 0) std::this_thread::sleep_for(std::chrono::hours(1));
  if (fate != nullptr && std::strcmp(fate, "lie") == 0) _exit(base::rewrite_descriptor(3, "listeners:") ? 0 : 1);
  const int code = config_child_main(std::atoi(argv[2]));
  if (fate != nullptr && *fate == '/') std::filesystem::remove_all(fate);  // after it was read
  _exit(code);
}

class ConfigFile : public ::testing::Test {
 protected:
  ConfigFile() {
    char name[] = "/tmp/rhumb-config-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~ConfigFile() override {
    unsetenv("RHUMB_TEST_CHILD");
    std::filesystem::remove_all(directory_);
  }
  config::Loaded load(const std::string& text) const {
    const std::string path = directory_ + "/rhumb.yaml";
    std::ofstream(path, std::ios::binary) << text;
    return load_config(path);
  }
  static std::string printed(const config::Loaded& loaded) {
    return config::render(loaded.diagnostics, loaded.sources);
  }
  std::string directory_;
};

const std::string kGood = R"(version: 1
listeners: [{name: web, address: "127.0.0.1:0"}]
regions: [{name: a, location: {latitude: 1, longitude: 1}, endpoints: ["127.0.0.1:1"]}]
)";

TEST_F(ConfigFile, AGoodOneIsLoaded) {
  const config::Loaded loaded = load(kGood);
  EXPECT_TRUE(loaded.ok()) << printed(loaded);
  EXPECT_EQ(loaded.spec.regions.size(), 1u);
  ASSERT_NE(loaded.spec.sources, nullptr);
  EXPECT_EQ(loaded.spec.sources->at(0).name, directory_ + "/rhumb.yaml");
}

TEST_F(ConfigFile, AWrongOneShowsItsErrorsInPlace) {
  EXPECT_THAT(printed(load(kGood + "wrong: 1\n")),
              AllOf(HasSubstr("rhumb.yaml:4:1"), HasSubstr("unknown key 'wrong'")));
}

// Row YAML: the bytes this process never looks at are good ones here, so only the child's end can be the reason.
TEST_F(ConfigFile, YAML_ACrashOfTheChildMeansRefused) {
  setenv("RHUMB_TEST_CHILD", "crash", 1);
  const config::Loaded loaded = load(kGood);
  EXPECT_FALSE(loaded.ok());
  EXPECT_TRUE(loaded.spec.regions.empty());
  EXPECT_THAT(printed(loaded), AllOf(HasSubstr("the process that checked it died (signal 6)"), HasSubstr("[E0123]")));
}

TEST_F(ConfigFile, YAML_AChildThatHangsMeansRefused) {
  setenv("RHUMB_TEST_CHILD", "hang", 1);
  EXPECT_THAT(printed(load(kGood)), HasSubstr("its check took more than 5 s"));
}

TEST_F(ConfigFile, YAML_WhatOnceNeverEndedIsRefusedWithAReason) {
  for (const std::string& text :
       {std::string(","), std::string("[],"), std::string("a: &a [*a]"), std::string(100'000, '['), std::string()})
    EXPECT_FALSE(load(text).ok()) << text.substr(0, 20);
}

TEST_F(ConfigFile, AMissingOneIsSaidToBeMissing) {
  EXPECT_THAT(printed(load_config(directory_ + "/missing.yaml")), HasSubstr("No such file"));
}

TEST_F(ConfigFile, IncludesAreReadWhereTheyStand) {
  std::filesystem::create_directory(directory_ + "/conf.d");
  std::ofstream(directory_ + "/conf.d/bad.yaml") << "routes:\n  - {name: r, regions: [b]}\n";
  EXPECT_THAT(printed(load(kGood + "include: conf.d/*.yaml\n")),
              AllOf(HasSubstr(directory_ + "/conf.d/bad.yaml:2:25: error: unknown region 'b'"),
                    HasSubstr(directory_ + "/rhumb.yaml:3:18: note: region 'a' is here")));
}

// Row YAML: when the child is done the files are gone, and still this process loads what the child saw.
TEST_F(ConfigFile, YAML_TheBytesTheChildSurvivedAreLoadedAndNoFileIsOpened) {
  std::filesystem::create_directory(directory_ + "/conf.d");
  std::ofstream(directory_ + "/conf.d/more.yaml") << "routes: [{name: included}]\n";
  setenv("RHUMB_TEST_CHILD", directory_.c_str(), 1);
  const config::Loaded loaded = load(kGood + "include: conf.d/*.yaml\n");
  EXPECT_FALSE(std::filesystem::exists(directory_));
  ASSERT_TRUE(loaded.ok()) << printed(loaded);
  EXPECT_EQ(loaded.spec.routes.at(0).name, "included");
  EXPECT_EQ(loaded.sources.size(), 2u);
}

TEST_F(ConfigFile, YAML_AChildThatHandsBackSomethingElseMeansRefused) {
  setenv("RHUMB_TEST_CHILD", "lie", 1);
  EXPECT_THAT(printed(load(kGood)), HasSubstr("its check handed back nothing that can be read [E0123]"));
}

TEST_F(ConfigFile, YAML_AnIncludedFileIsReadByTheChildFirst) {
  std::ofstream(directory_ + "/bad.yaml") << "a: &a [*a]";
  const config::Loaded loaded = load(kGood + "include: bad.yaml\n");
  EXPECT_THAT(printed(loaded), HasSubstr("bad.yaml:1:4: error: anchors are not allowed"));
  setenv("RHUMB_TEST_CHILD", "crash", 1);
  EXPECT_EQ(load(kGood + "include: bad.yaml\n").sources.size(), 1u);
}

}  // namespace
}  // namespace rhumb::proxy
