// SPDX-License-Identifier: Apache-2.0
// What a client that does not read does to its region's connection, and to who comes after it there.
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdio>

#include "tests/unit/proxy/gateway.h"
#include "tests/unit/proxy/lockstep.h"

namespace rhumb::proxy {
namespace {

using testing::get;
using testing::listener;
using testing::Lockstep;
using testing::one_region;
using testing::Origin;
using testing::Peer;

/// Bytes that arrived at the other end of this connection and that nobody has read there.
size_t unread_by_peer(const Peer& peer) {
  sockaddr_in mine{}, theirs{};
  socklen_t size = sizeof mine;
  ::getsockname(peer.fd(), reinterpret_cast<sockaddr*>(&mine), &size);
  ::getpeername(peer.fd(), reinterpret_cast<sockaddr*>(&theirs), &size);
  std::FILE* table = std::fopen("/proc/net/tcp", "r");
  char line[512];
  size_t found = 0;
  while (std::fgets(line, sizeof line, table) != nullptr) {
    unsigned local = 0, remote = 0, tx = 0, rx = 0;
    if (std::sscanf(line, " %*d: %*8x:%x %*8x:%x %*x %x:%x", &local, &remote, &tx, &rx) == 4 &&
        local == ntohs(theirs.sin_port) && remote == ntohs(mine.sin_port))
      found = rx;
  }
  std::fclose(table);
  return found;
}

/// One client and one region behind a gateway that is turned by hand.
struct Table {
  Table() : gateway(listener("") + one_region({origin.address()}), 32 * 1024), client(gateway.dial({}, 16 * 1024)) {}

  template <class Condition>
  bool turn_until(Condition&& condition) {
    const testing::Deadline deadline = testing::soon();
    while (!condition()) {
      if (testing::past(deadline)) return false;
      gateway.turn();
      client.move();
      if (Peer next = origin.accept(); next.open()) region = std::move(next), ++connections;
      region.move();
    }
    return true;
  }
  /// A turn's share of the client's work alone is left out: it does not read.
  void turn_without_client() {
    gateway.turn();
    region.move();
  }
  bool asked(std::string_view target) {
    const size_t before = region.received().size();
    client.send(get(std::string(target)));
    return turn_until(
        [&] { return region.received().size() > before && region.received().find(target) != std::string::npos; });
  }

  Origin origin;
  Lockstep gateway;
  Peer client, region;
  int connections = 0;
};

// The first read of an answer is short; the rest comes before the next call, so that it is taken before it is
// announced; the client's socket fills, and the end of the answer stays in the pipe. What the region's socket then
// announces is room to write, and nothing to read. A connection that was told to be quiet at this moment used to stay
// deaf in the pool: who was lent it next waited for the answer until the time was up.
TEST(Held, AConnectionWhoseLastBytesWaitedForTheClientHearsTheNextAnswer) {
  int caught = 0;
  for (size_t rest = 128 * 1024; rest <= 256 * 1024; rest += 8 * 1024) {
    Table table;
    const auto whole = [&](size_t bytes) {
      const size_t end = table.client.received().rfind("\r\n\r\n");
      return end != std::string::npos && table.client.received().size() == end + 4 + bytes;
    };
    ASSERT_TRUE(table.asked("/warm"));
    table.region.send(testing::ok(std::string(1 << 20, 'w')));  // so that the kernel takes much at once
    ASSERT_TRUE(table.turn_until([&] { return whole(1 << 20); }));
    ASSERT_TRUE(table.asked("/slow"));
    table.client.look_away(true);
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(1000 + rest) + "\r\n\r\n";
    table.region.send(head + std::string(1000, 'a'));
    bool sent = false;
    table.gateway.at_look([&] {
      if (!sent && unread_by_peer(table.region) == 0) table.region.send(std::string(rest, 'b')), sent = true;
    });
    while (!sent) table.gateway.turn();
    table.gateway.at_look(nullptr);
    const bool all_taken = table.region.unsent() == 0 && unread_by_peer(table.region) == 0;
    for (int i = 0; i < 3; ++i) table.turn_without_client();
    int readable = 0;
    ::ioctl(table.client.fd(), FIONREAD, &readable);
    if (all_taken && static_cast<size_t>(readable) < rest) ++caught;
    table.client.look_away(false);
    ASSERT_TRUE(table.turn_until([&] { return whole(1000 + rest); }));
    ASSERT_TRUE(table.asked("/next"));
    table.region.send(testing::ok("next"));
    ASSERT_TRUE(table.turn_until([&] { return table.client.received().ends_with("\r\n\r\nnext"); })) << rest;
  }
  EXPECT_GT(caught, 0) << "in no round the end of an answer waited in the pipe alone";
}

}  // namespace
}  // namespace rhumb::proxy
