// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/gateway.h"
#include "tests/unit/proxy/lockstep.h"

namespace rhumb::proxy {
namespace {

using testing::comes_true;
using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::ok;
using testing::one_region;
using testing::Scene;
using testing::Upstream;
using testing::Wire;

/// Sends half of an answer, and the other half once it may.
struct Halves {
  std::atomic<bool> begun{false}, go{false};
  Upstream::Script script() {
    return [this](Wire& wire, int) {
      while (wire.read_request().whole) {
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
        begun = true;
        EXPECT_TRUE(comes_true([&] { return go.load(); }));
        wire.send("half");
      }
    };
  }
};

/// Of the two sockets at the address only the other one is left, once the worker has given its own up. Whoever is on
/// the way into that one at this very moment is reset.
std::vector<net::Fd> dial_until_accepted(Gateway& gateway, int other) {
  sockaddr_storage storage{};
  const socklen_t size = gateway.address().fill(storage);
  std::vector<net::Fd> clients;
  EXPECT_TRUE(comes_true([&] {
    clients.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
    (void)::connect(clients.back().get(), reinterpret_cast<sockaddr*>(&storage), size);
    return static_cast<bool>(net::accept_one(other).fd);
  }));
  return clients;
}

TEST(Worker, ANewConfigurationKeepsConnectionsAndChangesRoutes) {
  Upstream before(Upstream::always(ok("before"))), after(Upstream::always(ok("after")));
  Gateway gateway(listener("") + one_region(before));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).body, "before");
  gateway.install(listener("") + one_region(after) + "routes: [{name: new, match: {path_prefix: /new/}}]\n");
  EXPECT_EQ(client.exchange(get("/new/x")).body, "after") << "on the same connection";
  EXPECT_EQ(client.exchange(get("/")).status(), 404);
  EXPECT_EQ(gateway.cells().accepted.get(), 1u);
}

TEST(Worker, AnExchangeEndsInTheConfigurationItBeganIn) {
  Halves halves;
  Scene s(halves.script());
  ASSERT_TRUE(s.client.send(get("/old")));
  EXPECT_TRUE(comes_true([&] { return halves.begun.load(); }));
  s.gateway.install(listener("") + one_region(s.upstream) + "routes: [{name: new, match: {path_prefix: /new/}}]\n");
  halves.go = true;
  EXPECT_EQ(s.client.read_response().body, "halfhalf");
  EXPECT_EQ(s.client.exchange(get("/old")).status(), 404);
  s.gateway.stop();
  EXPECT_EQ(s.gateway.log()[0]["route"], "default");
  EXPECT_EQ(s.gateway.log()[0]["region"], "home");
}

TEST(Worker, AStreamDoesNotPinAnOldConfiguration) {
  Halves halves;
  Scene s(halves.script());
  ASSERT_TRUE(s.client.send(get()));
  EXPECT_EQ(s.client.read_until("half").substr(0, 12), "HTTP/1.1 200");
  for (int i = 0; i < 3; ++i) s.gateway.install(listener("") + one_region(s.upstream));
  EXPECT_TRUE(comes_true([&] {
    s.gateway.run_posts();
    return s.gateway.snapshots_alive() == 1;
  })) << s.gateway.snapshots_alive();
  halves.go = true;
  EXPECT_EQ(s.client.read(4), "half") << "and goes on without it";
}

TEST(Worker, ATunnelDoesNotPinAnOldConfiguration) {
  Scene s([](Wire& wire, int) {
    wire.read_request();
    wire.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    while (wire.send(wire.read(4)) && !wire.clean()) continue;
  });
  EXPECT_EQ(s.client
                .exchange(get("/",
                              "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
                .status(),
            101);
  s.gateway.install(listener("") + one_region(s.upstream));
  EXPECT_TRUE(comes_true([&] {
    s.gateway.run_posts();
    return s.gateway.snapshots_alive() == 1;
  }));
  ASSERT_TRUE(s.client.send("ping"));
  EXPECT_EQ(s.client.read(4), "ping");
  s.client.finish();
  EXPECT_TRUE(s.client.ended());
}

TEST(Worker, ARequestStillWaitingHoldsItsConfigurationUntilItsEnd) {
  std::atomic<bool> asked{false}, go{false};
  Scene s([&](Wire& wire, int) {
    while (wire.read_request().whole) {
      asked = true;
      EXPECT_TRUE(comes_true([&] { return go.load(); }));
      wire.send(ok("late"));
    }
  });
  ASSERT_TRUE(s.client.send(get()));
  EXPECT_TRUE(comes_true([&] { return asked.load(); }));
  s.gateway.install(listener("") + one_region(s.upstream));
  s.gateway.run_posts();
  EXPECT_EQ(s.gateway.snapshots_alive(), 2u);
  go = true;
  EXPECT_EQ(s.client.read_response().body, "late");
  EXPECT_TRUE(comes_true([&] {
    s.gateway.run_posts();
    return s.gateway.snapshots_alive() == 1;
  }));
}

TEST(Worker, DrainingEndsIdleConnectionsAtOnceAndRefusesNewOnes) {
  Scene s(Upstream::always(ok("fine")));
  EXPECT_EQ(s.client.exchange(get()).body, "fine");
  Wire silent = s.gateway.dial();
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().connections.get() == 2; }));
  bool done = false;
  s.gateway.worker().drain([&] { done = true; });
  EXPECT_TRUE(s.client.ended());
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(s.client.clean());
  EXPECT_TRUE(s.gateway.run_posts_when_there());
  EXPECT_TRUE(done);
  sockaddr_storage storage{};
  const socklen_t size = s.gateway.address().fill(storage);
  const net::Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_NE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
}

TEST(Worker, DrainingLetsARunningExchangeFinishAndThenEndsItsConnection) {
  Halves halves;
  Scene s(halves.script());
  ASSERT_TRUE(s.client.send(get("/1")));
  EXPECT_TRUE(comes_true([&] { return halves.begun.load(); }));
  Wire idle = s.gateway.dial();
  EXPECT_TRUE(comes_true([&] { return s.gateway.cells().connections.get() == 2; }));
  std::atomic<bool> done{false};
  s.gateway.worker().drain([&] { done = true; });
  EXPECT_TRUE(idle.ended()) << "so the drain has begun";
  s.gateway.run_posts();
  EXPECT_FALSE(done);
  halves.go = true;
  EXPECT_EQ(s.client.read_response().body, "halfhalf");
  EXPECT_TRUE(s.client.ended());
  EXPECT_TRUE(s.gateway.run_posts_when_there());
  EXPECT_TRUE(done);
}

TEST(Worker, HandingOverLeavesNewOnesToTheOtherAndEndsTheOldAfterTheirNextAnswer) {
  Scene s(Upstream::always(ok("fine")));
  EXPECT_EQ(s.client.exchange(get()).body, "fine");
  const auto other = net::listen_tcp(s.gateway.address(), 16);
  ASSERT_TRUE(other.has_value());
  bool done = false;
  s.gateway.worker().hand_over([&] { done = true; });
  std::vector<net::Fd> clients = dial_until_accepted(s.gateway, other->get());
  EXPECT_FALSE(done);
  const auto answer = s.client.exchange(get());
  EXPECT_EQ(answer.body, "fine");
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(s.client.ended());
  clients.clear();
  EXPECT_TRUE(s.gateway.run_posts_when_there());
  EXPECT_TRUE(done);
}

TEST(Worker, HandingOverKeepsThePromiseOfAnAnswerThatHasBegun) {
  Halves halves;
  Scene s(halves.script());
  ASSERT_TRUE(s.client.send(get()));
  s.client.read_until("half");
  const auto other = net::listen_tcp(s.gateway.address(), 16);
  ASSERT_TRUE(other.has_value());
  s.gateway.worker().hand_over([] {});
  dial_until_accepted(s.gateway, other->get());
  halves.go = true;
  s.client.read_until("half");
  const auto answer = s.client.exchange(get());
  EXPECT_EQ(answer.body, "halfhalf") << "the first answer said that the connection goes on";
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(s.client.ended());
}

TEST(Worker, WhatIsCutByAStopIsCounted) {
  Halves halves;
  Scene s(halves.script());
  ASSERT_TRUE(s.client.send(get()));
  EXPECT_TRUE(comes_true([&] { return halves.begun.load(); }));
  s.client.read_until("half");
  const DrainReport report = s.gateway.stop();
  halves.go = true;
  EXPECT_EQ(report.exchanges, 1u);
  EXPECT_EQ(report.tunnels, 0u);
  EXPECT_TRUE(s.client.ended());
  ASSERT_EQ(s.gateway.log().size(), 1u);
  EXPECT_EQ(s.gateway.log()[0]["flags"]["fault"], "shutting_down");
}

TEST(Worker, ARequestThatWaitedForItsAnswerIsToldOfAStop) {
  std::atomic<bool> asked{false};
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    asked = true;
    wire.read_to_end();
  });
  ASSERT_TRUE(s.client.send(get()));
  EXPECT_TRUE(comes_true([&] { return asked.load(); }));
  EXPECT_EQ(s.gateway.stop().exchanges, 1u);
  const Message answer = s.client.read_response();
  EXPECT_EQ(answer.status(), 503);
  EXPECT_TRUE(answer.whole);
}

TEST(Worker, ListenersComeAndGoWithoutHurtingTheOthers) {
  Upstream upstream(Upstream::always(ok("fine")));
  const std::string two =
      "listeners: [{name: stays, address: \"127.0.0.1:0\"}, {name: goes, address: \"127.0.0.2:0\"}]\n" +
      one_region(upstream);
  Gateway gateway(two);
  Wire stays = gateway.dial(0), goes = gateway.dial(1);
  EXPECT_EQ(stays.exchange(get()).status(), 200);
  EXPECT_EQ(goes.exchange(get()).status(), 200);
  World next = gateway.make_world(
      "listeners: [{name: stays, address: \"127.0.0.1:0\", max_requests: 3}, {name: comes, address: "
      "\"127.0.0.3:0\"}]\n" +
      one_region(upstream));
  auto wanted = next.config->listeners;
  std::vector<ListenerSocket> fresh;
  fresh.push_back(gateway.open(wanted[1]));
  gateway.worker().set_listeners(wanted, std::move(fresh));
  wanted.clear();
  gateway.worker().install(std::move(next));
  EXPECT_TRUE(comes_true([&] { return gateway.cells().generation.get() == 2; }));
  EXPECT_EQ(gateway.dial(2).exchange(get()).status(), 200) << "the new one serves";
  EXPECT_EQ(stays.exchange(get()).field("connection"), "") << "the old connection lives";
  EXPECT_EQ(stays.exchange(get()).field("connection"), "close") << "under the new limits";
  EXPECT_EQ(goes.exchange(get()).field("connection"), "close") << "one of a listener that is gone is served and ended";
  EXPECT_TRUE(goes.ended());
  sockaddr_storage storage{};
  const socklen_t size = gateway.address(1).fill(storage);
  const net::Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_NE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
}

TEST(Worker, ManyClientsAtOnceAreAllServed) {
  Upstream upstream(Upstream::each([](const Message& request) { return ok(request.target()); }));
  Gateway gateway(listener("") + one_region(upstream));
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      Wire client = gateway.dial();
      for (int i = 0; i < 50; ++i) {
        const std::string target = "/" + std::to_string(c) + "/" + std::to_string(i);
        if (client.exchange(get(target)).body == target) ++served;
      }
    });
  for (int i = 0; i < 5; ++i) gateway.install(listener("") + one_region(upstream));
  for (auto& client : clients) client.join();
  EXPECT_EQ(served, 400);
}

TEST(Worker, DrainingServesThoseWhoHadCome) {
  Upstream upstream(Upstream::always(ok("fine")));
  Gateway gateway(listener("") + one_region(upstream));
  std::vector<Wire> clients;
  for (int i = 0; i < 300; ++i) {
    clients.push_back(gateway.dial());
    ASSERT_TRUE(clients.back().send(get()));
  }
  gateway.worker().drain([] {});
  for (Wire& client : clients) ASSERT_EQ(client.read_response().body, "fine");
}

TEST(Worker, DrainingLosesNothingOfAnAnswerToAClientThatHasSentMore) {
  std::atomic<bool> begun{false}, go{false};
  const std::string half(100'000, 'h');
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + half);
    begun = true;
    EXPECT_TRUE(comes_true([&] { return go.load(); }));
    wire.send(half);
    wire.read_to_end();
  });
  std::string pipeline;
  for (int i = 0; i < 2'000; ++i) pipeline += get("/more");
  // A small window: the tail of the answer is still on this side when the exchange ends.
  Wire client = Wire::dial(s.gateway.address(), 4096);
  ASSERT_TRUE(client.send(get() + pipeline));
  EXPECT_TRUE(comes_true([&] { return begun.load(); }));
  s.gateway.worker().drain([] {});
  go = true;
  EXPECT_EQ(client.read_response().body.size(), 200'000u);
}

// They were accepted by the turn that ends the others, and stayed.
TEST(Worker, StoppingEndsThoseWhoWaitedToBeAccepted) {
  testing::Lockstep gateway(listener("") + one_region({testing::nobody()}));
  const testing::Peer early = gateway.dial();
  gateway.turn();
  EXPECT_EQ(gateway.cells().connections.get(), 1u);
  const testing::Peer late = gateway.dial();
  gateway.stop();
  EXPECT_TRUE(gateway.idle()) << gateway.cells().connections.get() << " connections are left";
}

}  // namespace
}  // namespace rhumb::proxy
