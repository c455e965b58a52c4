// SPDX-License-Identifier: Apache-2.0
// Bodies that move from socket to socket inside the kernel: splice(2) through pipes of 1 MiB each where the kernel
// allows, kept per worker. A pipe goes back empty or not at all. Worker's thread.
#pragma once
#include <memory>
#include <vector>

#include "net/tcp_stream.h"

namespace rhumb::proxy {

/// Less than this to go, and a copy is cheaper.
constexpr uint64_t kSpliceFrom = 128 * 1024;

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

/// One direction of one exchange. Without a pipe it holds nothing.
class Splice {
 public:
  /// moved: all that was there is out, look again. wait: one of the two sockets has to become ready. ended, failed: the
  /// source's end or error. broken: the sink takes no more.
  enum class Step : uint8_t { moved, wait, ended, failed, broken };

  bool open() const noexcept { return pipe_ != nullptr; }
  /// False when the system has no pipe to give.
  bool start(PipePool& pool) { return pipe_ != nullptr || (pipe_ = pool.take()) != nullptr; }
  void stop(PipePool& pool) { pool.give(std::move(pipe_)); }
  /// Bytes taken from the source that the sink has not got yet.
  size_t held() const noexcept { return pipe_ != nullptr ? pipe_->filled : 0; }
  /// Empties the pipe or, when it is empty, fills it with at most `limit` bytes first; `taken` of them left the source.
  Step move(net::TcpStream& from, net::TcpStream& to, uint64_t limit, size_t& taken) noexcept;

 private:
  std::unique_ptr<Pipe> pipe_;
};

}  // namespace rhumb::proxy
