// SPDX-License-Identifier: Apache-2.0
#include "net/socket_file.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "net/socket.h"

namespace rhumb::net {
namespace {

class SocketFiles : public ::testing::Test {
 protected:
  ~SocketFiles() override { ::unlink(path_.c_str()); }
  Fd listen() {
    auto fd = listen_unix(path_, 0600);
    EXPECT_TRUE(fd.has_value());
    return fd ? std::move(*fd) : Fd();
  }
  bool there() const {
    struct stat at {};
    return ::lstat(path_.c_str(), &at) == 0;
  }
  unsigned mode() const {
    struct stat at {};
    return ::lstat(path_.c_str(), &at) == 0 ? at.st_mode & 07777 : 0;
  }
  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("rhumb-file-" + std::to_string(::getpid()) + ".sock")).string();
};

TEST_F(SocketFiles, GoesWithItsOwner) {
  const Fd fd = listen();
  {
    SocketFile file(path_);
    SocketFile moved(std::move(file));
    file = SocketFile();
    EXPECT_TRUE(there());
  }
  EXPECT_FALSE(there());
}

TEST_F(SocketFiles, StaysWhenItIsKept) {
  const Fd fd = listen();
  { SocketFile(path_).keep(); }
  EXPECT_TRUE(there());
}

TEST_F(SocketFiles, AnotherOneOfTheSameNameStays) {
  Fd first = listen();
  SocketFile file(path_);
  // Both are there at once, so that the second cannot have the first one's number.
  const std::string aside = path_ + ".old";
  ASSERT_EQ(::rename(path_.c_str(), aside.c_str()), 0);
  const Fd second = listen();
  file.remove();
  EXPECT_TRUE(there()) << "it is somebody else's by now";
  ::unlink(aside.c_str());
}

TEST_F(SocketFiles, AFileThatIsNotThereIsNoTrouble) {
  SocketFile file(path_);
  file.remove();
  EXPECT_FALSE(there());
}

TEST_F(SocketFiles, GetsItsModeAndGroup) {
  const Fd fd = listen();
  EXPECT_EQ(mode(), 0600u);
  ASSERT_TRUE(permit(path_, 0660, "").has_value());
  EXPECT_EQ(mode(), 0660u);
  const struct group* own = ::getgrgid(::getgid());
  ASSERT_NE(own, nullptr);
  EXPECT_TRUE(permit(path_, 0640, own->gr_name).has_value());
  EXPECT_EQ(mode(), 0640u);
}

TEST_F(SocketFiles, AGroupThatDoesNotExistIsSaid) {
  const Fd fd = listen();
  const auto permitted = permit(path_, 0666, "no-such-group-here");
  ASSERT_FALSE(permitted.has_value());
  EXPECT_NE(permitted.error().find("no group 'no-such-group-here'"), std::string::npos);
  EXPECT_EQ(mode(), 0600u) << "nobody was let in meanwhile";
}

}  // namespace
}  // namespace rhumb::net
