// SPDX-License-Identifier: Apache-2.0
// Bodies that move from socket to socket inside the kernel: splice(2) through pipes, kept per worker. A pipe goes back
// empty or not at all. Worker's thread.
#pragma once
#include <memory>
#include <vector>

#include "base/counters.h"
#include "net/tcp_stream.h"

namespace rhumb::proxy {

/// Less than this to go, and a copy is cheaper.
constexpr uint64_t kSpliceFrom = 128 * 1024;

struct Pipe {
  /// Makes room for so many bytes, where the kernel allows it.
  void make_room(size_t bytes) noexcept;
  net::Fd read, write;
  size_t capacity = 0;
  size_t filled = 0;        // bytes inside
  bool full_grown = false;  // the kernel gave no more
};

/// The kernel counts all pipes against what their user may have (fs.pipe-user-pages-soft, see pipe(7)): beyond it, a
/// new one has one or two pages only.
class PipePool {
 public:
  /// `refused` counts how often the system had none to give.
  explicit PipePool(base::Cell& refused) noexcept : refused_(refused) {}
  /// Null when the system has none of full size to give, or had none a short while ago: the caller copies instead.
  std::unique_ptr<Pipe> take();
  void give(std::unique_ptr<Pipe> pipe);

 private:
  static constexpr size_t kKeep = 16;
  static constexpr int kNotAsked = 256;  // calls after a refusal that do not ask the system again
  static std::unique_ptr<Pipe> make();

  base::Cell& refused_;
  std::vector<std::unique_ptr<Pipe>> idle_;
  int not_asked_ = 0;
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
