// SPDX-License-Identifier: Apache-2.0
// An owned descriptor and the socket calls the gateway makes. Values that move; no thread of their own.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/ip.h"
#include "base/result.h"

namespace rhumb::net {

/// Closes on destruction.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset(int fd = -1) noexcept;
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

enum class IoStatus : uint8_t { ok, would_block, end, error };
struct IoResult {
  IoStatus status = IoStatus::ok;
  size_t bytes = 0;
  int error = 0;
};

IoResult receive(int fd, std::span<char> into) noexcept;
IoResult send(int fd, std::span<const char> bytes) noexcept;
IoResult send(int fd, std::span<const iovec> pieces) noexcept;
/// splice(2), non-blocking; `end` on end of stream.
IoResult splice_some(int from, int to, size_t limit) noexcept;

/// Starts a non-blocking connect with TCP_NODELAY. ok: connected at once; would_block: pending; else error.
struct Connecting {
  Fd fd;
  IoResult result;
};
Connecting start_connect(const base::SocketAddress& to) noexcept;
/// Outcome of a pending connect: 0 or an errno.
int connect_error(int fd) noexcept;

/// A listening TCP socket: non-blocking, SO_REUSEADDR, SO_REUSEPORT, TCP_NODELAY (accepted sockets inherit it).
base::Result<Fd, std::string> listen_tcp(const base::SocketAddress& at, int backlog);
/// 0, or the errno of an attempt to bind the address, which nothing then listens on. With port 0: whether it is ours.
int bind_error(const base::SocketAddress& at) noexcept;
/// Why nobody else may listen at `at`: somebody does. Empty when it is free, or has port 0. SO_REUSEPORT alone would
/// share the address with another process of the same user without a word.
std::string why_taken(const base::SocketAddress& at);
/// A listening unix socket of that mode. A file left behind is replaced, a socket somebody listens at is not.
base::Result<Fd, std::string> listen_unix(const std::string& path, unsigned mode);
base::SocketAddress local_address(int fd) noexcept;

struct Accepted {
  Fd fd;
  base::SocketAddress peer;
  int error = 0;  // errno when !fd; EAGAIN: nothing more
};
Accepted accept_one(int listener) noexcept;

void shutdown_write(int fd) noexcept;
/// close() will send RST: what the peer got so far is visibly cut.
void reset_on_close(int fd) noexcept;

}  // namespace rhumb::net
