// SPDX-License-Identifier: Apache-2.0
// Listening sockets that a process is started with, and the messages of a service to its manager. Three come this way,
// and all look the same: sockets of a .socket unit, those kept in the manager's descriptor store over a crash, and
// those of the process that this one takes over from at an upgrade. The protocol is that of sd_listen_fds(3) and
// sd_pid_notify_with_fds(3); forty lines do without its library.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "net/socket.h"

namespace rhumb::net {

struct Inherited {
  std::string name;  // FileDescriptorName=, or what was stored; "unknown" when nobody said
  Fd fd;
};

/// The descriptors this process was started with, as LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES tell; the variables are
/// removed. `any_pid`: they were set by somebody who could not know our id yet. Before any thread; once.
std::vector<Inherited> take_inherited(bool any_pid);

/// Takes one of them that listens at `path` or `address`; none: an empty descriptor.
Fd take_unix_listener(std::vector<Inherited>& from, const std::string& path);
Fd take_tcp_listener(std::vector<Inherited>& from, const base::SocketAddress& address, std::string_view name);
/// Makes a listening socket from elsewhere what listen_tcp() would have made. The error says what it is instead.
base::Result<void, std::string> adopt_listener(const Fd& fd, int backlog);

/// Sends one datagram to the unix socket `to` ('@' first: abstract), with descriptors. Never blocks; false when it
/// could not be sent. Any thread.
bool notify(const std::string& to, std::string_view message, std::span<const int> fds = {}) noexcept;

}  // namespace rhumb::net
