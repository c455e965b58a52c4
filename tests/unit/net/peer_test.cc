// SPDX-License-Identifier: Apache-2.0
#include "net/peer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "net/socket.h"

namespace rhumb::net {
namespace {

TEST(Peer, OfAUnixSocketIsTheProcessBehindIt) {
  int both[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both), 0);
  const Fd one(both[0]), other(both[1]);
  Peer peer;
  ASSERT_TRUE(read_credentials(one.get(), peer));
  EXPECT_TRUE(peer.local);
  EXPECT_EQ(peer.pid, ::getpid());
  EXPECT_EQ(peer.uid, ::getuid());
  std::vector<gid_t> mine(256);
  const int count = ::getgroups(static_cast<int>(mine.size()), mine.data());
  ASSERT_GE(count, 0);
  mine.resize(static_cast<size_t>(count));
  mine.push_back(::getgid());
  for (const gid_t group : mine)
    EXPECT_NE(std::find(peer.groups.begin(), peer.groups.end(), group), peer.groups.end()) << group;
  for (const gid_t group : peer.groups) EXPECT_NE(std::find(mine.begin(), mine.end(), group), mine.end()) << group;
}

TEST(Peer, WhatIsNoSocketHasNone) {
  Peer peer;
  EXPECT_FALSE(read_credentials(-1, peer));
  EXPECT_FALSE(peer.local);
}

}  // namespace
}  // namespace rhumb::net
