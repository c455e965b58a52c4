// SPDX-License-Identifier: Apache-2.0
// A directory in which nobody but the gateway's user and root can put anything, and its files. It is opened once and
// kept: whatever its path leads to later, files are made, found and removed in this one. No link is ever followed.
// Values that move; one thread at a time. All calls block on the disk.
#pragma once
#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace rhumb::foresight {

/// A descriptor, closed on destruction.
class OwnFile {
 public:
  explicit OwnFile(int fd) noexcept : fd_(fd) {}
  OwnFile(OwnFile&& other) noexcept;
  OwnFile& operator=(OwnFile&&) = delete;
  ~OwnFile();
  int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

/// Why what `about` tells of is not to be trusted by a process of user `self`; empty: it may be.
std::string why_untrusted(const struct stat& about, uid_t self, bool is_directory);

class OwnDirectory {
 public:
  /// Made, for its owner alone, when it is missing. The error is a sentence.
  static base::Result<OwnDirectory, std::string> open(std::string path);

  /// To read and write. Null: there is none of that name.
  base::Result<std::optional<OwnFile>, std::string> find(const std::string& name) const;
  /// A new one under a name of its own that nobody reads yet: what was left under it is removed first.
  base::Result<OwnFile, std::string> make(const std::string& name) const;
  /// Replaces what has the new name. False: errno says why.
  bool rename(const std::string& from, const std::string& to) const noexcept;
  void remove(const std::string& name) const noexcept;
  /// Its regular files.
  void for_each(const std::function<void(const std::string& name, const struct stat& about)>& take) const;

  const std::string& path() const noexcept { return path_; }
  /// "PATH/NAME: WHAT: " and what errno says.
  std::string problem(const std::string& name, const char* what) const;

 private:
  OwnDirectory(std::string path, OwnFile file) noexcept : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  OwnFile file_;
};

}  // namespace rhumb::foresight
