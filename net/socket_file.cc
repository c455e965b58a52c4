// SPDX-License-Identifier: Apache-2.0
#include "net/socket_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/account.h"

namespace rhumb::net {

SocketFile::SocketFile(std::string path) {
  struct stat at {};
  if (::lstat(path.c_str(), &at) != 0) return;
  path_ = std::move(path);
  device_ = at.st_dev;
  inode_ = at.st_ino;
}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

void SocketFile::remove() noexcept {
  struct stat at {};
  if (!path_.empty() && ::lstat(path_.c_str(), &at) == 0 && at.st_dev == device_ && at.st_ino == inode_)
    ::unlink(path_.c_str());
  path_.clear();
}

base::Result<void, std::string> permit(const std::string& path, unsigned mode, const std::string& group) {
  if (!group.empty()) {
    const auto id = group_id(group);
    if (!id) return base::Unexpected(fmt::format("{}: there is no group '{}'", path, group));
    if (::chown(path.c_str(), static_cast<uid_t>(-1), *id) != 0)
      return base::Unexpected(fmt::format("{}: cannot give it to group '{}': {}", path, group, std::strerror(errno)));
  }
  // After the group: until here only the owner could connect.
  if (::chmod(path.c_str(), mode) != 0) return base::Unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  return {};
}

}  // namespace rhumb::net
