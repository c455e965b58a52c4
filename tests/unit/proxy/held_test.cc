// SPDX-License-Identifier: Apache-2.0
// What a side that does not read does to the other one's connection, to who comes after it there, and to memory: at
// most 256 KiB are on their way between the two, in the gateway and in the kernel.
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
  Table() : gateway(listener("") + one_region({origin.address()}), 256 * 1024), client(gateway.dial({}, 256 * 1024)) {}

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
  for (size_t rest = 512 * 1024; rest <= 704 * 1024; rest += 16 * 1024) {
    Table table;
    const auto whole = [&](size_t bytes) {
      const size_t end = table.client.received().rfind("\r\n\r\n");
      return end != std::string::npos && table.client.received().size() == end + 4 + bytes;
    };
    ASSERT_TRUE(table.asked("/warm"));
    table.region.send(testing::ok(std::string(1 << 20, 'w')));  // so that it may send much at once
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
    for (int i = 0; i < 12; ++i) table.turn_without_client();
    const bool all_taken = table.region.unsent() == 0 && unread_by_peer(table.region) == 0;
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

// A segment of the loopback device is nearly 64 KiB, which take a second at the least rate of this listener: a tunnel's
// reader is waited for so much longer than `write` says, and no longer.
TEST(Held, ATunnelsReaderMayPauseForASegment) {
  Origin origin;
  Lockstep gateway(listener(", timeouts: {write: 1s}, limits: {min_rate: 64KiB}") + one_region({origin.address()}));
  Peer client = gateway.dial({}, 64 * 1024), region;
  const auto turns = [&](int most, const auto& condition) {
    for (int i = 0; i < most && !condition(); ++i) {
      gateway.turn();
      if (Peer next = origin.accept(); next.open()) region = std::move(next);
      client.move();
      region.move();
    }
    return condition();
  };
  client.send(get("/",
                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  ASSERT_TRUE(turns(10'000, [&] { return region.received().find("\r\n\r\n") != std::string::npos; }));
  region.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  ASSERT_TRUE(turns(10'000, [&] { return client.received().find("\r\n\r\n") != std::string::npos; }));
  client.look_away(true);
  region.send(std::string(8 << 20, 't'));
  const auto cut = [&] {
    return gateway.cells().faults[static_cast<size_t>(base::FaultKind::client_write_timeout)].get() == 1;
  };
  EXPECT_FALSE(turns(1500, cut)) << "after a second and a half, turns of a millisecond each";
  EXPECT_TRUE(turns(1500, cut)) << "after three";
}

using testing::comes_true;
using testing::Gateway;
using testing::Upstream;
using testing::Wire;

constexpr size_t kMost = 256 * 1024, kMuch = size_t{1} << 30;
constexpr std::chrono::milliseconds kQuiet{300};

/// The client reads `first` bytes of an endless answer, and no more. Bytes that are in between then.
size_t pinned_by_download(const std::string& head, const std::string& request, size_t first) {
  std::atomic<size_t> gone{0};
  std::atomic<bool> stuck{false}, seen{false};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_request();
    wire.send(head);
    const size_t sent = wire.send_until_blocked(kMuch, kQuiet);
    gone = sent - wire.unsent();
    stuck = true;
    EXPECT_TRUE(comes_true([&] { return seen.load(); }));
  });
  Gateway gateway(listener("") + one_region({upstream.address()}));
  Wire client = gateway.dial();
  EXPECT_TRUE(client.send(request));
  const size_t read = client.read_until("\r\n\r\n").empty() ? 0 : client.read(first).size();
  EXPECT_TRUE(comes_true([&] { return stuck.load(); }));
  const size_t here = read + client.unread();
  seen = true;
  return gone > here ? gone - here : 0;
}

/// The region reads the head of an endless request and no more.
size_t pinned_by_upload(const std::string& framing) {
  std::atomic<size_t> there{0};
  std::atomic<bool> stuck{false}, told{false};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    EXPECT_TRUE(comes_true([&] { return stuck.load(); }));
    there = wire.unread();
    told = true;
  });
  Gateway gateway(listener("") + one_region({upstream.address()}));
  Wire client = gateway.dial();
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\n" + framing));
  const size_t sent = client.send_until_blocked(kMuch, kQuiet), gone = sent - client.unsent();
  stuck = true;
  EXPECT_TRUE(comes_true([&] { return told.load(); }));
  return gone > there ? gone - there : 0;
}

const std::string kLength = "Content-Length: 1073741824\r\n\r\n", kOneChunk = "\r\n40000000\r\n";
const std::string kHttp10 = "GET / HTTP/1.0\r\nHost: a\r\n\r\n";

TEST(Held, S8_ADownloadThatIsNotReadPinsLittle) {
  EXPECT_LE(pinned_by_download("HTTP/1.1 200 OK\r\n" + kLength, get(), 0), kMost) << "spliced";
  EXPECT_LE(pinned_by_download("HTTP/1.1 200 OK\r\n\r\n", kHttp10, 0), kMost) << "copied";
}

TEST(Held, S8_ADownloadThatIsSoonNoLongerReadPinsLittle) {
  EXPECT_LE(pinned_by_download("HTTP/1.1 200 OK\r\n" + kLength, get(), 256 << 10), kMost) << "spliced";
  EXPECT_LE(pinned_by_download("HTTP/1.1 200 OK\r\n\r\n", kHttp10, 256 << 10), kMost) << "copied";
}

// Whoever has read much may have a wide window to its region, and not many have one at a time.
TEST(Held, S8_OfThoseWhoReadMuchAndStopFewPinMore) {
  constexpr size_t kClients = 40, kWideOnes = net::WidePlaces::kPlaces;
  constexpr size_t kWideOne = 2 * net::kWide + net::TcpStream::kLargePiece;
  std::atomic<size_t> gone{0}, stuck{0};
  std::atomic<bool> seen{false};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_request();
    wire.send("HTTP/1.1 200 OK\r\n" + kLength);
    const size_t sent = wire.send_until_blocked(kMuch, std::chrono::seconds(1));
    gone += sent - wire.unsent();
    ++stuck;
    seen.wait(false);  // asleep: forty that look again and again leave no processor to the others
  });
  Gateway gateway(listener(", limits: {connections_per_ip: 0}") + one_region({upstream.address()}));
  std::vector<Wire> clients;
  size_t here = 0;
  for (size_t i = 0; i < kClients; ++i) {
    Wire& client = clients.emplace_back(gateway.dial());
    EXPECT_TRUE(client.send(get()));
    EXPECT_FALSE(client.read_until("\r\n\r\n").empty());
    here += client.read(4 << 20).size();
  }
  EXPECT_TRUE(comes_true([&] { return stuck == kClients; }));
  for (const Wire& client : clients) here += client.unread();
  const size_t pinned = gone > here ? gone - here : 0;
  seen = true;
  seen.notify_all();
  EXPECT_GT(pinned, kWideOnes * net::kWide) << "or nobody was given more";
  EXPECT_LE(pinned, kClients * kMost + kWideOnes * kWideOne);
}

TEST(Held, S8_AnUploadThatIsNotReadPinsLittle) {
  EXPECT_LE(pinned_by_upload(kLength), kMost) << "spliced";
  EXPECT_LE(pinned_by_upload("Transfer-Encoding: chunked\r\n" + kOneChunk), kMost) << "copied";
}

}  // namespace
}  // namespace rhumb::proxy
