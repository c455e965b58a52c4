// SPDX-License-Identifier: Apache-2.0
#include "geo/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::TemporaryFiles;

TEST(ReadWholeFile, GivesTheBytes) {
  const TemporaryFiles files;
  const std::string bytes("a\0b\n", 4);
  EXPECT_EQ(*read_whole_file(files.write("x", bytes), 100), bytes);
  EXPECT_EQ(*read_whole_file(files.write("empty", ""), 100), "");
}

TEST(ReadWholeFile, RefusesWhatIsTooLargeOrNoFile) {
  const TemporaryFiles files;
  const std::string path = files.write("x", "12345");
  EXPECT_EQ(read_whole_file(path, 4).error(), path + ": it has 5 bytes; the limit is 4");
  EXPECT_EQ(read_whole_file(files.directory(), 4).error(), files.directory() + ": it is not a regular file");
  EXPECT_EQ(read_whole_file(files.path("none"), 4).error(),
            files.path("none") + ": cannot be opened: No such file or directory");
}

TEST(ReplaceFile, LeavesOneWholeFileThatOthersCanRead) {
  const TemporaryFiles files;
  const std::string path = files.write("x", "old");
  EXPECT_EQ(replace_file(path, "new"), "");
  EXPECT_EQ(*read_whole_file(path, 100), "new");
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(files.directory()), {}), 1);
}

TEST(ReplaceFile, SaysWhyItCannot) {
  const TemporaryFiles files;
  EXPECT_EQ(replace_file(files.path("no/x"), "new"),
            files.path("no/x") + ": cannot be written: No such file or directory");
  std::filesystem::create_directory(files.path("directory"));
  EXPECT_NE(replace_file(files.path("directory"), "new").find("cannot be replaced"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(files.directory()), {}), 1);
}

TEST(TemporaryDirectory, IsRemovedWithAllItHolds) {
  std::string path;
  {
    const TemporaryFiles files;
    path = files.directory();
    std::filesystem::create_directories(files.path("a/b"));
    files.write("a/b/c", "x");
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryDirectory, SaysWhyItCannotBeMade) {
  EXPECT_EQ(TemporaryDirectory::make("/nowhere").error(),
            "/nowhere: no directory can be made in it: No such file or directory");
}

}  // namespace
}  // namespace rhumb::geo
