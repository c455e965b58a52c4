// SPDX-License-Identifier: Apache-2.0
// What follows a 101 that was asked for, and what becomes of one that was not.
#include <gtest/gtest.h>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::comes_true;
using testing::get;
using testing::Message;
using testing::ok;
using testing::Scene;
using testing::Upstream;
using testing::Wire;

// The example of RFC 6455 1.3.
const std::string kAsk = get("/chat",
                             "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
std::string switching(const std::string& accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
  return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " +
         accept + "\r\nX-Own: 1\r\n\r\n";
}

/// Agrees to the upgrade, then does this.
Upstream::Script agreeing(std::function<void(Wire&)> then) {
  return [then = std::move(then)](Wire& wire, int) {
    const Message request = wire.read_request();
    EXPECT_EQ(request.field("upgrade"), "websocket");
    EXPECT_EQ(request.field("connection"), "Upgrade");
    EXPECT_EQ(request.field("sec-websocket-key"), "dGhlIHNhbXBsZSBub25jZQ==");
    wire.send(switching());
    then(wire);
  };
}

uint64_t faults(Scene& s, base::FaultKind kind) { return s.gateway.cells().faults[static_cast<size_t>(kind)].get(); }

TEST(Tunnel, AfterTheHandshakeBytesPassBothWays) {
  Scene s(agreeing([](Wire& wire) {
    EXPECT_EQ(wire.read(4), "ping");
    wire.send("pong");
    wire.read_to_end();
  }));
  const Message answer = s.client.exchange(kAsk);
  EXPECT_EQ(answer.status(), 101);
  EXPECT_EQ(answer.field("upgrade"), "websocket");
  EXPECT_EQ(answer.field("connection"), "Upgrade");
  EXPECT_EQ(answer.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer.field("x-own"), "1");
  ASSERT_TRUE(s.client.send("ping"));
  EXPECT_EQ(s.client.read(4), "pong");
  EXPECT_EQ(s.gateway.cells().tunnels.get(), 1u);
}

TEST(Tunnel, TheRegionMaySpeakAtOnce) {
  Scene s([](Wire& wire, int) {
    wire.read_request();
    wire.send(switching() + "early");
    EXPECT_EQ(wire.read(4), "ping");
    wire.send("pong");
    wire.read_to_end();
  });
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  EXPECT_EQ(s.client.read(5), "early");
  ASSERT_TRUE(s.client.send("ping"));
  EXPECT_EQ(s.client.read(4), "pong");
}

TEST(Tunnel, WhatTheClientSentAheadFollowsTheHandshake) {
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    EXPECT_TRUE(wire.silent_for(std::chrono::milliseconds(20))) << "nothing passes before it is agreed";
    wire.send(switching());
    EXPECT_EQ(wire.read(8), "eager...");
    wire.send("thanks");
    wire.read_to_end();
  });
  ASSERT_TRUE(s.client.send(kAsk + "eager..."));
  EXPECT_EQ(s.client.read_response().status(), 101);
  EXPECT_EQ(s.client.read(6), "thanks");
}

TEST(Tunnel, AnEndFromBeforeTheHandshakeIsPassedOnAfterIt) {
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    EXPECT_TRUE(wire.silent_for(std::chrono::milliseconds(20))) << "nothing passes before it is agreed";
    wire.send(switching());
    EXPECT_EQ(wire.read_to_end(), "last words");
    wire.send("understood");
  });
  ASSERT_TRUE(s.client.send(kAsk + "last words"));
  s.client.finish();
  EXPECT_EQ(s.client.read_response().status(), 101);
  EXPECT_EQ(s.client.read(10), "understood");
  EXPECT_TRUE(s.client.ended());
}

TEST(Tunnel, TheClientsEndIsPassedOnAndTheRegionMayGoOn) {
  Scene s(agreeing([](Wire& wire) {
    EXPECT_EQ(wire.read_to_end(), "last words");
    wire.send("heard");
  }));
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  ASSERT_TRUE(s.client.send("last words"));
  s.client.finish();
  EXPECT_EQ(s.client.read_to_end(), "heard");
  EXPECT_TRUE(s.client.clean());
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().tunnels.get() == 0; }));
}

TEST(Tunnel, TheRegionsEndIsPassedOnAndTheClientMayGoOn) {
  std::atomic<bool> heard{false};
  Scene s(agreeing([&](Wire& wire) {
    wire.send("last words");
    wire.finish();
    heard = wire.read_to_end() == "heard";
  }));
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  EXPECT_EQ(s.client.read_to_end(), "last words");
  ASSERT_TRUE(s.client.send("heard"));
  s.client.finish();
  EXPECT_TRUE(comes_true([&] { return heard.load(); }));
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().tunnels.get() == 0; }));
}

TEST(Tunnel, MuchBothWaysAtOnceArrivesWhole) {
  constexpr size_t kBytes = size_t{4} << 20;
  std::atomic<size_t> got{0};
  Scene s(agreeing([&](Wire& wire) {
    std::thread sender([&] { wire.send(std::string(kBytes, 'd')), wire.finish(); });
    while (got < kBytes) {
      const size_t n = wire.read(64 * 1024).size();
      if (n == 0) break;
      got += n;
    }
    sender.join();
  }));
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  std::thread sender([&] { s.client.send(std::string(kBytes, 'u')), s.client.finish(); });
  EXPECT_EQ(s.client.read_to_end(), std::string(kBytes, 'd'));
  sender.join();
  EXPECT_TRUE(comes_true([&] { return got == kBytes; }));
  s.gateway.stop();
  const auto line = s.gateway.log()[0];
  EXPECT_EQ(line["status"], 101);
  EXPECT_EQ(line["flags"]["upgraded"], true);
  EXPECT_EQ(line["bytes_in"], kBytes);
  EXPECT_EQ(line["bytes_out"], kBytes);
}

TEST(Tunnel, AClientThatBreaksOffBreaksTheOtherSide) {
  std::atomic<bool> gone{false};
  Scene s(agreeing([&](Wire& wire) { gone = wire.ended(); }));
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  s.client.reset();
  EXPECT_TRUE(comes_true([&] { return gone.load(); }));
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().tunnels.get() == 0; }));
}

TEST(Tunnel, AnIdleOneEndsAfterItsTime) {
  Scene s(agreeing([](Wire& wire) { wire.read_to_end(); }), "", "routes: [{name: a, timeouts: {tunnel: 100ms}}]\n");
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  EXPECT_TRUE(s.client.ended());
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().tunnels.get() == 0; }));
}

TEST(Tunnel, AClientThatReadsNothingIsCutAndCounted) {
  Scene s(agreeing([](Wire& wire) { wire.send_until_blocked(size_t{1} << 30, std::chrono::seconds(5)); }),
          ", timeouts: {write: 100ms}, limits: {min_rate: 10MiB}");
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  EXPECT_TRUE(comes_true([&] { return faults(s, base::FaultKind::client_write_timeout) == 1; }));
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().tunnels.get() == 0; })) << "the gauge must go down, too";
}

// Bytes between the two ends, in the gateway and in the kernel, when one of them does not read.
TEST(Tunnel, S8_ASideThatDoesNotReadPinsLittle) {
  constexpr size_t kMost = 256 * 1024, kMuch = size_t{1} << 30;
  constexpr std::chrono::milliseconds kQuiet{300};
  std::atomic<size_t> gone{0}, there{0};
  std::atomic<bool> stuck{false}, seen{false};
  const auto wait = [&](std::atomic<bool>& flag) { EXPECT_TRUE(comes_true([&] { return flag.load(); })); };
  {
    Scene s(agreeing([&](Wire& wire) {
      const size_t sent = wire.send_until_blocked(kMuch, kQuiet);
      gone = sent - wire.unsent();
      stuck = true;
      wait(seen);
    }));
    EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
    wait(stuck);
    EXPECT_LE(gone - s.client.unread(), kMost) << "the client";
    seen = true;
  }
  stuck = seen = false;
  Scene s(agreeing([&](Wire& wire) {
    wait(stuck);
    there = wire.unread();
    seen = true;
  }));
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  const size_t sent = s.client.send_until_blocked(kMuch, kQuiet);
  gone = sent - s.client.unsent();
  stuck = true;
  wait(seen);
  EXPECT_LE(gone - there, kMost) << "the region";
}

TEST(Tunnel, AWrongAcceptIsABadGateway) {
  Scene s([](Wire& wire, int) {
    wire.read_request();
    wire.send(switching("AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    wire.read_to_end();
  });
  EXPECT_EQ(s.client.exchange(kAsk).status(), 502);
  EXPECT_EQ(faults(s, base::FaultKind::unasked_upgrade), 1u);
  EXPECT_EQ(s.gateway.cells().tunnels.get(), 0u);
}

TEST(Tunnel, A101NobodyAskedForIsABadGateway) {
  Scene s(Upstream::always(switching()));
  EXPECT_EQ(s.client.exchange(get()).status(), 502);
  EXPECT_EQ(faults(s, base::FaultKind::unasked_upgrade), 1u);
}

TEST(Tunnel, ARegionMayRefuseTheUpgrade) {
  Scene s(Upstream::always(ok("no")));
  const Message answer = s.client.exchange(kAsk);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, "no");
  EXPECT_EQ(s.client.exchange(get()).status(), 200) << "and the connection goes on";
}

TEST(Tunnel, ARouteWithoutThemAsksForNone) {
  Scene s(
      Upstream::each([](const Message& request) { return ok(request.field("upgrade") + request.field("connection")); }),
      "", "routes: [{name: a, websocket: false}]\n");
  const Message answer = s.client.exchange(kAsk);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, "");
}

TEST(Tunnel, TheSideThatBrokeIsTheOneInTheLog) {
  Scene s(agreeing([](Wire& wire) {
    EXPECT_EQ(wire.read(4), "ping");
    wire.reset();
  }));
  EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
  ASSERT_TRUE(s.client.send("ping"));
  s.client.read_to_end();
  EXPECT_EQ(faults(s, base::FaultKind::upstream_reset), 1u);
  EXPECT_EQ(faults(s, base::FaultKind::client_gone), 0u);
}

TEST(Tunnel, OneAgreedAfterAReloadDoesNotPinTheOldConfiguration) {
  std::atomic<bool> go{false};
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    EXPECT_TRUE(comes_true([&] { return go.load(); }));
    wire.send(switching());
    wire.read_to_end();
  });
  ASSERT_TRUE(s.client.send(kAsk));
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().exchanges.get() == 1; }));
  s.gateway.install(testing::listener("") + testing::one_region(s.upstream));
  go = true;
  EXPECT_EQ(s.client.read_response().status(), 101);
  EXPECT_TRUE(comes_true([&] {
    s.gateway.run_posts();
    return s.gateway.snapshots_alive() == 1;
  }));
}

}  // namespace
}  // namespace rhumb::proxy
