// SPDX-License-Identifier: Apache-2.0
// The file of a listening unix socket: who may connect, and its end. A value that moves; one thread.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace rhumb::net {

/// Removes the file when it goes away, unless another one stands there by then, or keep() was said.
class SocketFile {
 public:
  SocketFile() = default;
  /// The file that stands at `path` now.
  explicit SocketFile(std::string path);
  ~SocketFile() { remove(); }
  SocketFile(SocketFile&& other) noexcept { *this = std::move(other); }
  SocketFile& operator=(SocketFile&& other) noexcept;

  void remove() noexcept;
  /// Somebody else serves the socket from now on.
  void keep() noexcept { path_.clear(); }

 private:
  std::string path_;  // empty: nothing to remove
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Gives the file that mode and, if one is named, that group. Why not, when not.
base::Result<void, std::string> permit(const std::string& path, unsigned mode, const std::string& group);

}  // namespace rhumb::net
