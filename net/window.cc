// SPDX-License-Identifier: Apache-2.0
#include "net/window.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <limits>

namespace rhumb::net {

void bound_unsent(int fd) noexcept { ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsent, sizeof kUnsent); }

void bound_unread(int fd, int bytes) noexcept { ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

size_t segment(int fd) noexcept {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &bytes, &size) == 0 && bytes > 0 ? static_cast<size_t>(bytes) : 0;
}

std::optional<base::Micros> round_trip(int fd) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  constexpr uint32_t kUnknown = std::numeric_limits<uint32_t>::max();
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_min_rtt == kUnknown) return std::nullopt;
  return base::Micros(info.tcpi_min_rtt);
}

}  // namespace rhumb::net
