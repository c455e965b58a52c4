// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipes.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/descriptors.h"

namespace rhumb::proxy {

std::unique_ptr<Pipe> PipePool::take() {
  if (!idle_.empty()) {
    auto pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return nullptr;
  auto pipe = std::make_unique<Pipe>();
  pipe->read.reset(ends[0]);
  pipe->write.reset(ends[1]);
  if (base::reserved_descriptor(ends[0]) || base::reserved_descriptor(ends[1])) return nullptr;
  const int size = ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  pipe->capacity = size > 0 ? static_cast<size_t>(size) : 64 * 1024;
  return pipe;
}

void PipePool::give(std::unique_ptr<Pipe> pipe) {
  if (pipe != nullptr && pipe->filled == 0 && idle_.size() < kKeep) idle_.push_back(std::move(pipe));
}

}  // namespace rhumb::proxy
