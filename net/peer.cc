// SPDX-License-Identifier: Apache-2.0
#include "net/peer.h"

#include <sys/socket.h>

namespace rhumb::net {

bool read_credentials(int fd, Peer& to) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.pid == 0) return false;
  to.local = true;
  to.pid = who.pid;
  to.uid = who.uid;
  constexpr size_t kMostGroups = 65536;  // NGROUPS_MAX of Linux
  to.groups.assign(64, 0);
  for (;;) {
    size = static_cast<socklen_t>(to.groups.size() * sizeof(gid_t));
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, to.groups.data(), &size) == 0) break;
    if (to.groups.size() >= kMostGroups) {
      size = 0;
      break;
    }
    to.groups.resize(kMostGroups);
  }
  to.groups.resize(size / sizeof(gid_t));
  to.groups.push_back(who.gid);
  return true;
}

}  // namespace rhumb::net
