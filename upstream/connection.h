// SPDX-License-Identifier: Apache-2.0
// One connection to one endpoint. It belongs to its Pool, which lends it to an attempt; while it is idle the pool hears
// its events, and any byte or end of stream then closes it. Worker's thread only.
#pragma once
#include "base/clock.h"
#include "base/intrusive.h"
#include "net/tcp_stream.h"
#include "net/timer.h"

namespace rhumb::upstream {

class Pool;

class Borrower {
 public:
  /// The connection made progress: connected, failed, readable or writable. Look at it.
  virtual void on_upstream() noexcept = 0;

 protected:
  ~Borrower() = default;
};

class Connection final : public net::Buried, public base::ListHook<Connection>, private net::StreamOwner {
 public:
  Connection(Pool& pool, net::Loop& loop, base::BlockPool& blocks, net::Fd fd, bool connected);
  ~Connection() override;

  enum class State : uint8_t { connecting, open, failed };
  State state() const noexcept { return state_; }
  int error() const noexcept { return error_; }  // errno of a failed connect
  net::TcpStream& stream() noexcept { return stream_; }
  Pool& pool() noexcept { return pool_; }

  /// It has been idle since it was opened, so the other side may have closed it by now.
  bool reused() const noexcept { return idle_since_ != base::Instant{}; }
  uint64_t served() const noexcept { return served_; }
  base::Instant idle_since() const noexcept { return idle_since_; }

 private:
  friend class Pool;
  void on_stream() noexcept override;
  static void on_idle_timeout(void* self) noexcept;

  Pool& pool_;
  net::Loop& loop_;
  net::TcpStream stream_;
  net::Timer idle_timer_;
  Borrower* borrower_ = nullptr;  // null while idle
  base::Instant idle_since_{};
  uint64_t served_ = 0;
  int error_ = 0;
  State state_;
};

}  // namespace rhumb::upstream
