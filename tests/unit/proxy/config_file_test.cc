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
  _exit(config_child_main(std::atoi(argv[2])));
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

TEST_F(ConfigFile, AMissingOneStartsNoChild) {
  setenv("RHUMB_TEST_CHILD", "crash", 1);
  EXPECT_THAT(printed(load_config(directory_ + "/missing.yaml")), HasSubstr("No such file"));
}

}  // namespace
}  // namespace rhumb::proxy
