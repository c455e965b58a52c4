// SPDX-License-Identifier: Apache-2.0
#include "geo/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace rhumb::geo {
namespace {

std::string trouble(const std::string& path, const char* what) {
  return fmt::format("{}: {}: {}", path, what, std::strerror(errno));
}

/// Reads to the end; a file that grows meanwhile is cut at `limit`.
bool read_to_end(int fd, uint64_t limit, std::string& text) {
  char buffer[64 * 1024];
  while (text.size() <= limit) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got == 0) return true;
    if (got > 0) text.append(buffer, static_cast<size_t>(got));
    if (got < 0 && errno != EINTR) return false;
  }
  return true;
}

bool write_and_sync(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = write(fd, bytes.data(), bytes.size());
    if (done > 0) bytes.remove_prefix(static_cast<size_t>(done));
    if (done < 0 && errno != EINTR) return false;
  }
  return fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

}  // namespace

base::Result<std::string, std::string> read_whole_file(const std::string& path, uint64_t limit) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return base::Unexpected(trouble(path, "cannot be opened"));
  struct stat info {};
  std::string text, why;
  if (fstat(fd, &info) != 0) {
    why = trouble(path, "cannot be read");
  } else if (!S_ISREG(info.st_mode)) {
    why = path + ": it is not a regular file";
  } else if (static_cast<uint64_t>(info.st_size) > limit) {
    why = fmt::format("{}: it has {} bytes; the limit is {}", path, info.st_size, limit);
  } else if (!read_to_end(fd, limit, text)) {
    why = trouble(path, "cannot be read");
  }
  close(fd);
  if (!why.empty()) return base::Unexpected(std::move(why));
  return text;
}

std::string replace_file(const std::string& path, std::string_view bytes) {
  std::string beside = path + ".XXXXXX";
  const int fd = mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return trouble(path, "cannot be written");
  std::string why;
  if (!write_and_sync(fd, bytes)) why = trouble(path, "cannot be written");
  close(fd);
  if (why.empty() && rename(beside.c_str(), path.c_str()) != 0) why = trouble(path, "cannot be replaced");
  if (!why.empty()) unlink(beside.c_str());
  return why;
}

base::Result<TemporaryDirectory, std::string> TemporaryDirectory::make(const std::string& parent) {
  std::string path = parent + "/.rhumb-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return base::Unexpected(trouble(parent, "no directory can be made in it"));
  return TemporaryDirectory(std::move(path));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // nothing can be done about what cannot be removed
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace rhumb::geo
