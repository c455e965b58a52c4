// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/window.h"

namespace rhumb::net {
namespace {

IoResult outcome(ssize_t n, bool reading) noexcept {
  if (n > 0) return {IoStatus::ok, static_cast<size_t>(n), 0};
  if (n == 0) return {reading ? IoStatus::end : IoStatus::ok, 0, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoStatus::would_block, 0, EAGAIN};
  return {IoStatus::error, 0, errno};
}

template <class Call>
ssize_t retry_interrupted(Call call) noexcept {
  for (;;) {
    const ssize_t n = call();
    if (n >= 0 || errno != EINTR) return n;
  }
}

void set_flag(int fd, int level, int option) noexcept {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

std::string failed(const char* call, const std::string& what) {
  return fmt::format("{} {}: {}", call, what, std::strerror(errno));
}

}  // namespace

void Fd::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

IoResult receive(int fd, std::span<char> into) noexcept {
  return outcome(retry_interrupted([&] { return ::recv(fd, into.data(), into.size(), 0); }), true);
}

IoResult send(int fd, std::span<const char> bytes) noexcept {
  return outcome(retry_interrupted([&] { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }), false);
}

IoResult send(int fd, std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return outcome(retry_interrupted([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); }), false);
}

IoResult splice_some(int from, int to, size_t limit) noexcept {
  return outcome(
      retry_interrupted([&] { return ::splice(from, nullptr, to, nullptr, limit, SPLICE_F_MOVE | SPLICE_F_NONBLOCK); }),
      true);
}

Connecting start_connect(const base::SocketAddress& to) noexcept {
  sockaddr_storage address{};
  const socklen_t size = to.fill(address);
  Connecting c;
  c.fd.reset(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!c.fd) {
    c.result = {IoStatus::error, 0, errno};
    return c;
  }
  set_flag(c.fd.get(), IPPROTO_TCP, TCP_NODELAY);
  bound_unsent(c.fd.get());
  if (::connect(c.fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0) {
    c.result = {IoStatus::ok, 0, 0};
  } else if (errno == EINPROGRESS) {
    c.result = {IoStatus::would_block, 0, 0};
  } else {
    c.result = {IoStatus::error, 0, errno};
  }
  return c;
}

int connect_error(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

base::Result<Fd, std::string> listen_tcp(const base::SocketAddress& at, int backlog) {
  sockaddr_storage address{};
  const socklen_t size = at.fill(address);
  Fd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return base::Unexpected(failed("socket", at.to_string()));
  set_flag(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  set_flag(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  set_flag(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  bound_unsent(fd.get());
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0)
    return base::Unexpected(failed("bind", at.to_string()));
  if (::listen(fd.get(), backlog) != 0) return base::Unexpected(failed("listen", at.to_string()));
  return fd;
}

int bind_error(const base::SocketAddress& at) noexcept {
  sockaddr_storage address{};
  const socklen_t size = at.fill(address);
  const Fd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  set_flag(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  return ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 ? 0 : errno;
}

std::string why_taken(const base::SocketAddress& at) {
  if (at.port == 0) return {};
  errno = bind_error(at);
  return errno == 0 ? "" : failed("bind", at.to_string());
}

base::Result<Fd, std::string> listen_unix(const std::string& path, unsigned mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return base::Unexpected("socket path too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return base::Unexpected(failed("socket", path));
  struct stat old {};
  if (::lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN)
      return base::Unexpected(path + ": somebody is listening there already");
    ::unlink(path.c_str());
  }
  // The mode of the socket file comes from the umask: narrow from its first moment on.
  const mode_t before = ::umask(0777 & ~mode);
  const int bound = ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0) return base::Unexpected(failed("bind", path));
  if (::listen(fd.get(), 128) != 0) return base::Unexpected(failed("listen", path));
  return fd;
}

base::SocketAddress local_address(int fd) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return base::SocketAddress::from(reinterpret_cast<sockaddr*>(&address));
}

Accepted accept_one(int listener) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Accepted a;
  const ssize_t fd = retry_interrupted(
      [&] { return ::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC); });
  if (fd < 0) {
    a.error = errno;
    return a;
  }
  a.fd.reset(static_cast<int>(fd));
  a.peer = base::SocketAddress::from(reinterpret_cast<sockaddr*>(&address));
  return a;
}

void shutdown_write(int fd) noexcept { ::shutdown(fd, SHUT_WR); }

void reset_on_close(int fd) noexcept {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace rhumb::net
