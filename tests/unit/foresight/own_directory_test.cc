// SPDX-License-Identifier: Apache-2.0
#include "foresight/own_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::Directory;
using ::testing::HasSubstr;

OwnDirectory own_directory(const Directory& directory) {
  auto opened = OwnDirectory::open(directory.path());
  EXPECT_TRUE(opened) << opened.error();
  return *std::move(opened);
}

struct stat about(mode_t mode, uid_t user) {
  struct stat out {};
  out.st_mode = mode, out.st_uid = user;
  return out;
}

TEST(OwnDirectory, TrustsWhatItsUserOrRootAloneCanWrite) {
  EXPECT_EQ(why_untrusted(about(S_IFREG | 0600, 990), 990, false), "");
  EXPECT_EQ(why_untrusted(about(S_IFREG | 0644, 0), 990, false), "");
  EXPECT_EQ(why_untrusted(about(S_IFDIR | 0755, 0), 990, true), "");
  EXPECT_EQ(why_untrusted(about(S_IFREG | 0600, 1000), 990, false),
            "it belongs to user 1000, and neither to this process's user 990 nor to root");
  EXPECT_THAT(why_untrusted(about(S_IFDIR | 0700, 1000), 0, true), HasSubstr("belongs to user 1000"));
  EXPECT_EQ(why_untrusted(about(S_IFREG | 0660, 990), 990, false), "its mode 660 lets others write it");
  EXPECT_EQ(why_untrusted(about(S_IFDIR | 01777, 0), 990, true), "its mode 1777 lets others write it");
  EXPECT_EQ(why_untrusted(about(S_IFLNK | 0777, 990), 990, false), "it is a link, and none is followed");
  EXPECT_EQ(why_untrusted(about(S_IFIFO | 0600, 990), 990, false), "it is no regular file");
  EXPECT_EQ(why_untrusted(about(S_IFDIR | 0700, 990), 990, false), "it is no regular file");
  EXPECT_EQ(why_untrusted(about(S_IFREG | 0600, 990), 990, true), "it is no directory");
}

TEST(OwnDirectory, RefusesOneOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const Directory directory;
  ASSERT_EQ(::chown(directory.path().c_str(), 12345, 0), 0);
  EXPECT_THAT(OwnDirectory::open(directory.path()).error(), HasSubstr("belongs to user 12345"));
  ASSERT_EQ(::chown(directory.path().c_str(), 0, 0), 0);
  std::ofstream(directory / "file") << "x";
  ASSERT_EQ(::chown((directory / "file").c_str(), 12345, 0), 0);
  EXPECT_THAT(own_directory(directory).find("file").error(), HasSubstr("file: it belongs to user 12345"));
}

TEST(OwnDirectory, FindsWhatIsThereAndMakesWhatIsNot) {
  const Directory directory;
  const OwnDirectory own = own_directory(directory);
  const auto none = own.find("file");
  ASSERT_TRUE(none) << none.error();
  EXPECT_FALSE(*none);
  { EXPECT_TRUE(own.make("file")); }
  EXPECT_TRUE(*own.find("file"));
  std::ofstream(directory / "file") << "old";
  { EXPECT_TRUE(own.make("file")); }
  EXPECT_EQ(std::filesystem::file_size(directory / "file"), 0u) << "a new one";
  EXPECT_TRUE(own.rename("file", "other"));
  EXPECT_FALSE(own.rename("file", "other"));
  own.remove("other");
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(OwnDirectory, FollowsNoLinkAndWaitsForNoFifo) {
  const Directory directory, elsewhere;
  const OwnDirectory own = own_directory(directory);
  std::ofstream(elsewhere / "precious") << "precious";
  std::filesystem::create_symlink(elsewhere / "precious", directory / "link");
  std::filesystem::create_symlink(elsewhere / "nothing", directory / "dangling");
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  for (const char* name : {"link", "dangling"})
    EXPECT_THAT(own.find(name).error(), HasSubstr(std::string(name) + ": it is a link, and none is followed"));
  EXPECT_THAT(own.find("fifo").error(), HasSubstr("fifo: it is no regular file"));
  for (const char* name : {"link", "dangling", "fifo"}) EXPECT_TRUE(own.make(name));
  EXPECT_EQ(std::filesystem::file_size(elsewhere / "precious"), 8u);
  EXPECT_FALSE(std::filesystem::exists(elsewhere / "nothing"));
}

TEST(OwnDirectory, TellsOfItsRegularFiles) {
  const Directory directory;
  const OwnDirectory own = own_directory(directory);
  std::ofstream(directory / "file") << "four";
  std::filesystem::create_symlink("file", directory / "link");
  std::filesystem::create_directory(directory / "inner");
  for (int round = 0; round < 2; ++round) {
    std::vector<std::string> seen;
    own.for_each([&](const std::string& name, const struct stat& about) {
      seen.push_back(name + " " + std::to_string(about.st_size));
    });
    EXPECT_EQ(seen, std::vector<std::string>{"file 4"}) << "each time";
  }
}

}  // namespace
}  // namespace rhumb::foresight
