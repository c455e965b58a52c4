// SPDX-License-Identifier: Apache-2.0
// Where the files of a configuration come from: the disk, or what another process has read from it. Loading asks the
// same questions of both in the same order, so what one process made of a disk another makes of its bundle. Owned by
// the caller of load(); one thread.
#pragma once
#include <string>

#include "config/bundle.h"

namespace rhumb::config {

class Files {
 public:
  virtual ~Files() = default;
  virtual FileText read(const std::string& path) = 0;
  /// As glob(3), sorted by bytes; `limit` is the most paths that are wanted, and one more tells of others.
  virtual Match glob(const std::string& pattern, size_t limit) = 0;
};

/// Reads regular files alone, and remembers all it said.
class DiskFiles final : public Files {
 public:
  FileText read(const std::string& path) override;
  Match glob(const std::string& pattern, size_t limit) override;
  const Bundle& said() const noexcept { return said_; }

 private:
  Bundle said_;
};

/// What it was not given does not exist.
class BundleFiles final : public Files {
 public:
  explicit BundleFiles(Bundle bundle) : bundle_(std::move(bundle)) {}
  FileText read(const std::string& path) override;
  Match glob(const std::string& pattern, size_t limit) override;

 private:
  Bundle bundle_;
};

}  // namespace rhumb::config
