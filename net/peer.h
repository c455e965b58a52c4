// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of an accepted connection: an address, or on a unix socket the process as the kernel knows
// it. A value; any thread.
#pragma once
#include <sys/types.h>

#include <vector>

#include "base/ip.h"

namespace rhumb::net {

struct Peer {
  bool local = false;  // a unix socket: the rest is what the process was when it connected
  pid_t pid = 0;
  uid_t uid = 0;
  std::vector<gid_t> groups;    // its own and the supplementary ones
  base::SocketAddress address;  // otherwise
};

/// SO_PEERCRED and SO_PEERGROUPS of a connected unix socket; false when the kernel does not say.
bool read_credentials(int fd, Peer& to);

}  // namespace rhumb::net
