// SPDX-License-Identifier: Apache-2.0
#include "config/files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TemporaryDirectory;

TEST(DiskFiles, ReadsAFileAndKnowsItByAnyName) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.yaml", "x: 1\n");
  ASSERT_EQ(::symlink("a.yaml", directory.path("b.yaml").c_str()), 0);
  DiskFiles files;
  EXPECT_EQ(files.read(path).text, "x: 1\n");
  EXPECT_EQ(files.read(directory.path("b.yaml")).identity, files.read(path).identity);
  EXPECT_EQ(files.read(directory.path("b.yaml")).path, directory.path("b.yaml"));
}

TEST(DiskFiles, SaysWhyAFileCannotBeRead) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo(directory.path("fifo").c_str(), 0600), 0);
  DiskFiles files;
  EXPECT_EQ(files.read(directory.path("missing")).problem.code, code::kUnreadable);
  EXPECT_EQ(files.read(directory.path("fifo")).problem.code, code::kNotRegular);
  EXPECT_EQ(files.read(std::string(5000, 'a')).problem.code, code::kUnreadable);
}

TEST(DiskFiles, MatchesSortedByBytesAndNotBeyondTheLimit) {
  const TemporaryDirectory directory;
  for (const char* name : {"b.yaml", "a.yaml", "C.yaml", "a.txt", ".hidden.yaml", "a.yaml~"}) directory.write(name, "");
  DiskFiles files;
  EXPECT_THAT(files.glob(directory.path("*.yaml"), 5).paths,
              ElementsAre(directory.path("C.yaml"), directory.path("a.yaml"), directory.path("b.yaml")));
  EXPECT_THAT(files.glob(directory.path("*.yaml"), 1).paths, SizeIs(2)) << "one more tells that there are others";
  EXPECT_THAT(files.glob(directory.path("none/*.yaml"), 5).paths, IsEmpty());
  EXPECT_EQ(files.glob(directory.path("none/*.yaml"), 5).problem.code, 0);
}

TEST(DiskFiles, AFolderThatMayNotBeReadIsNotAnEmptyOne) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every folder";
  const TemporaryDirectory directory;
  directory.write("conf.d/a.yaml", "");
  ::chmod(directory.path("conf.d").c_str(), 0);
  DiskFiles files;
  const Match match = files.glob(directory.path("conf.d/*"), 5);
  ::chmod(directory.path("conf.d").c_str(), 0700);
  EXPECT_EQ(match.problem.code, code::kUnreadable);
  EXPECT_THAT(match.problem.message, HasSubstr("Permission denied"));
}

TEST(BundleFiles, SayWhatTheDiskSaid) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.yaml", "x: 1\n");
  DiskFiles disk;
  const FileText file = disk.read(path), missing = disk.read(directory.path("missing"));
  const Match match = disk.glob(directory.path("*"), 5);
  ::unlink(path.c_str());
  BundleFiles files(disk.said());
  EXPECT_EQ(files.read(path), file);
  EXPECT_EQ(files.read(directory.path("missing")), missing);
  EXPECT_EQ(files.glob(directory.path("*"), 5), match);
}

TEST(BundleFiles, OpenNothingThatWasNotGiven) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.yaml", "x: 1\n");
  BundleFiles files((Bundle()));
  EXPECT_EQ(files.read(path).problem.code, code::kUnreadable);
  EXPECT_THAT(files.glob(directory.path("*"), 5).paths, IsEmpty());
}

}  // namespace
}  // namespace rhumb::config
