// SPDX-License-Identifier: Apache-2.0
// Whole files for the geo tools: read, replaced in one step, and a directory that removes itself. Blocking; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rhumb::geo {

/// A regular file of at most `limit` bytes. Errors begin with the path.
base::Result<std::string, std::string> read_whole_file(const std::string& path, uint64_t limit);

/// Writes beside `path`, syncs, renames: a reader sees the old file or the new one. What is wrong, or nothing.
std::string replace_file(const std::string& path, std::string_view bytes);

/// A new directory inside `parent`, removed with all it holds at the end of life.
class TemporaryDirectory {
 public:
  static base::Result<TemporaryDirectory, std::string> make(const std::string& parent);
  ~TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  explicit TemporaryDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace rhumb::geo
