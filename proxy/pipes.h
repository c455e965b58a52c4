// SPDX-License-Identifier: Apache-2.0
// Pipes for splice(2), 1 MiB each where the kernel allows, kept per worker. A pipe goes back empty or not at all.
#pragma once
#include <memory>
#include <vector>

#include "net/socket.h"

namespace rhumb::proxy {

struct Pipe {
  net::Fd read, write;
  size_t capacity = 0;
  size_t filled = 0;  // bytes inside
};

class PipePool {
 public:
  /// Null when the system has none to give: the caller copies instead.
  std::unique_ptr<Pipe> take();
  void give(std::unique_ptr<Pipe> pipe);

 private:
  static constexpr size_t kKeep = 16;
  std::vector<std::unique_ptr<Pipe>> idle_;
};

}  // namespace rhumb::proxy
