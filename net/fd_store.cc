// SPDX-License-Identifier: Apache-2.0
#include "net/fd_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace rhumb::net {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMost = 4096;

/// The value of a variable as a number; -1 when it is none.
int number_of(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return -1;
  int value = -1;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  return error == std::errc() && stop == end ? value : -1;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t colon = std::min(text.find(':'), text.size());
    out.emplace_back(text.substr(0, colon));
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return out;
}

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool listens(int fd, int domain) {
  return option(fd, SO_ACCEPTCONN) == 1 && option(fd, SO_TYPE) == SOCK_STREAM &&
         (domain == AF_UNIX) == (option(fd, SO_DOMAIN) == AF_UNIX);
}

std::string unix_path(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return address.sun_path;
}

template <class Fits>
Fd take_first(std::vector<Inherited>& from, Fits fits) {
  const auto found = std::find_if(from.begin(), from.end(), fits);
  if (found == from.end()) return {};
  Fd fd = std::move(found->fd);
  from.erase(found);
  return fd;
}

}  // namespace

std::vector<Inherited> take_inherited(bool any_pid) {
  const int count = std::min(number_of("LISTEN_FDS"), kMost);
  const bool ours = any_pid || number_of("LISTEN_PID") == ::getpid();
  const char* text = std::getenv("LISTEN_FDNAMES");
  std::vector<std::string> names = split(text != nullptr ? text : "");
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  std::vector<Inherited> out;
  if (!ours) return out;
  names.resize(static_cast<size_t>(std::max(count, 0)), "unknown");
  for (int i = 0; i < count; ++i) {
    if (::fcntl(kFirst + i, F_SETFD, FD_CLOEXEC) != 0) continue;  // not open: somebody told us wrong
    out.push_back({std::move(names[static_cast<size_t>(i)]), Fd(kFirst + i)});
  }
  return out;
}

Fd take_unix_listener(std::vector<Inherited>& from, const std::string& path) {
  return take_first(from, [&](const Inherited& one) {
    return listens(one.fd.get(), AF_UNIX) && !path.empty() && unix_path(one.fd.get()) == path;
  });
}

Fd take_tcp_listener(std::vector<Inherited>& from, const base::SocketAddress& address, std::string_view name) {
  return take_first(from, [&](const Inherited& one) {
    if (!listens(one.fd.get(), AF_INET)) return false;
    const base::SocketAddress at = local_address(one.fd.get());
    // Port 0 stands for any, so the name has to tell.
    return at == address || (address.port == 0 && at.ip == address.ip && one.name == name);
  });
}

base::Result<void, std::string> adopt_listener(const Fd& fd, int backlog) {
  const int flags = ::fcntl(fd.get(), F_GETFL);
  const int on = 1;
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0 || ::listen(fd.get(), backlog) != 0)
    return base::Unexpected(fmt::format("an inherited socket cannot be used: {}", std::strerror(errno)));
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

bool notify(const std::string& to, std::string_view message, std::span<const int> fds) noexcept {
  constexpr size_t kMostFds = 253;  // SCM_MAX_FD
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (to.empty() || to.size() >= sizeof address.sun_path || fds.size() > kMostFds) return false;
  std::memcpy(address.sun_path, to.data(), to.size());
  if (to.front() == '@') address.sun_path[0] = '\0';
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return false;
  iovec piece{const_cast<char*>(message.data()), message.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostFds * sizeof(int))];
  msghdr header{};
  header.msg_name = &address;
  header.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + to.size());
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  return ::sendmsg(socket.get(), &header, MSG_NOSIGNAL) >= 0;
}

}  // namespace rhumb::net
