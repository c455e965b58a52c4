// SPDX-License-Identifier: Apache-2.0
#include "foresight/own_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace rhumb::foresight {

using base::Result;
using base::Unexpected;

OwnFile::OwnFile(OwnFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

OwnFile::~OwnFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::string why_untrusted(const struct stat& about, uid_t self, bool is_directory) {
  if (S_ISLNK(about.st_mode)) return "it is a link, and none is followed";
  if (is_directory && !S_ISDIR(about.st_mode)) return "it is no directory";
  if (!is_directory && !S_ISREG(about.st_mode)) return "it is no regular file";
  if (about.st_uid != self && about.st_uid != 0)
    return fmt::format("it belongs to user {}, and neither to this process's user {} nor to root", about.st_uid, self);
  if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fmt::format("its mode {:o} lets others write it", about.st_mode & 07777);
  return {};
}

Result<OwnDirectory, std::string> OwnDirectory::open(std::string path) {
  const auto refuse = [&](const std::string& why) { return Unexpected(fmt::format("{}: {}", path, why)); };
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();  // behind a slash, the last link would be followed
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return refuse(std::strerror(errno));
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) return refuse(std::strerror(errno));
  if (const std::string why = why_untrusted(about, ::geteuid(), true); !why.empty()) return refuse(why);
  OwnFile file(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  // Another one may have taken its place since.
  if (file.fd() < 0 || ::fstat(file.fd(), &about) != 0) return refuse(std::strerror(errno));
  if (const std::string why = why_untrusted(about, ::geteuid(), true); !why.empty()) return refuse(why);
  return OwnDirectory(std::move(path), std::move(file));
}

std::string OwnDirectory::problem(const std::string& name, const char* what) const {
  return fmt::format("{}/{}: {}: {}", path_, name, what, std::strerror(errno));
}

Result<std::optional<OwnFile>, std::string> OwnDirectory::find(const std::string& name) const {
  struct stat about {};
  // O_NONBLOCK: if it is no regular file after all, a FIFO say, nobody must be waited for.
  OwnFile file(::openat(file_.fd(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.fd() < 0 && errno == ENOENT) return std::optional<OwnFile>();
  if (file.fd() < 0 && errno != ELOOP) return Unexpected(problem(name, "cannot be opened"));
  const int known =
      file.fd() >= 0 ? ::fstat(file.fd(), &about) : ::fstatat(file_.fd(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW);
  if (known != 0) return Unexpected(problem(name, "cannot be opened"));
  const std::string why = why_untrusted(about, ::geteuid(), false);
  if (!why.empty() || file.fd() < 0) return Unexpected(fmt::format("{}/{}: {}", path_, name, why));
  return std::optional<OwnFile>(std::move(file));
}

Result<OwnFile, std::string> OwnDirectory::make(const std::string& name) const {
  remove(name);
  OwnFile file(::openat(file_.fd(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.fd() < 0) return Unexpected(problem(name, "cannot be made"));
  return file;
}

bool OwnDirectory::rename(const std::string& from, const std::string& to) const noexcept {
  return ::renameat(file_.fd(), from.c_str(), file_.fd(), to.c_str()) == 0;
}

void OwnDirectory::remove(const std::string& name) const noexcept { ::unlinkat(file_.fd(), name.c_str(), 0); }

void OwnDirectory::for_each(const std::function<void(const std::string&, const struct stat&)>& take) const {
  // A description of its own: the place in a directory belongs to that.
  const int fd = ::openat(file_.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const directory = fd >= 0 ? ::fdopendir(fd) : nullptr;
  if (directory == nullptr) {
    if (fd >= 0) ::close(fd);
    return;
  }
  while (const dirent* const entry = ::readdir(directory)) {
    struct stat about {};
    if (::fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode))
      take(entry->d_name, about);
  }
  ::closedir(directory);
}

}  // namespace rhumb::foresight
