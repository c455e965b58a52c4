// SPDX-License-Identifier: Apache-2.0
#include "proxy/file_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace rhumb::proxy {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public ::testing::Test {
 protected:
  FileWatchTest()
      : directory(::testing::TempDir() + "/file_watch." + std::to_string(::getpid())),
        loop(clock),
        files(loop, [this] { ++told; }) {
    fs::remove_all(directory);
    fs::create_directory(directory);
  }
  ~FileWatchTest() override { fs::remove_all(directory); }
  void write(const std::string& name) { std::ofstream(directory + "/" + name) << "text"; }
  /// Until it has told so often; the clock is ours, so that quiet passes when the test says so.
  bool tells(int times) {
    for (int i = 0; i < 100 && told < times; ++i) {
      loop.turn(base::Micros(0));
      clock.advance(base::Millis(10));
    }
    return told == times;
  }
  std::string directory;
  base::ManualClock clock;
  net::Loop loop;
  int told = 0;
  FileWatch files;
};

TEST_F(FileWatchTest, ManyChangesInAMomentAreToldOnce) {
  files.watch({directory + "/a.yaml", directory + "/b.yaml"});
  for (int i = 0; i < 20; ++i) write("a.yaml"), write("b.yaml");
  EXPECT_TRUE(tells(1));
  EXPECT_FALSE(tells(2));
}

TEST_F(FileWatchTest, TakesSoManyChangesInATurnAndTheRestLater) {
  files.watch({directory + "/a.yaml"});
  const std::string b(250, 'b'), c(250, 'c');  // of which few fit into one read
  for (int i = 0; i < 300; ++i) write(b), write(c);
  write("a.yaml");
  for (int turns = 0; turns < 2; ++turns) loop.turn(base::Micros(0));
  clock.advance(base::Seconds(10));
  loop.turn(base::Micros(0));
  EXPECT_EQ(told, 0) << "it has not come to a.yaml yet";
  EXPECT_TRUE(tells(1));
}

TEST_F(FileWatchTest, SeesAFileThatComesByARenameOrGoes) {
  files.watch({directory + "/a.yaml"});
  write("a.yaml.new");
  EXPECT_FALSE(tells(1)) << "that is another file";
  fs::rename(directory + "/a.yaml.new", directory + "/a.yaml");
  EXPECT_TRUE(tells(1));
  fs::remove(directory + "/a.yaml");
  EXPECT_TRUE(tells(2));
}

TEST_F(FileWatchTest, SeesANewFileThatFitsAPattern) {
  files.watch({directory + "/*.yaml"});
  write("a.yaml.swp");
  write(".a.yaml");
  EXPECT_FALSE(tells(1));
  write("new.yaml");
  EXPECT_TRUE(tells(1));
}

TEST_F(FileWatchTest, SeesTheLinkOfAMountedVolumeTurn) {
  fs::create_directory(directory + "/..1");
  fs::create_directory_symlink("..1", directory + "/..data");
  fs::create_symlink("..data/a.yaml", directory + "/a.yaml");
  files.watch({directory + "/a.yaml"});
  fs::create_directory_symlink("..2", directory + "/..data_tmp");
  fs::rename(directory + "/..data_tmp", directory + "/..data");
  EXPECT_TRUE(tells(1));
}

TEST_F(FileWatchTest, WithoutEndTellsOfChangesAllTheSame) {
  files.watch({directory + "/a.yaml"});
  int rounds = 0;
  for (; rounds < 1000 && told == 0; ++rounds) {
    write("a.yaml");
    loop.turn(base::Micros(0));
    clock.advance(base::Millis(100));
  }
  EXPECT_LE(rounds, FileWatch::kLongest / base::Millis(100) + 2);
}

TEST_F(FileWatchTest, WhatIsNotWatchedAnyMoreIsNotTold) {
  files.watch({directory + "/a.yaml"});
  files.watch({directory + "/b.yaml", "/nowhere/c.yaml"});
  write("a.yaml");
  EXPECT_FALSE(tells(1));
  write("b.yaml");
  EXPECT_TRUE(tells(1));
  files.watch({});
  write("b.yaml");
  EXPECT_FALSE(tells(2));
}

}  // namespace
}  // namespace rhumb::proxy
