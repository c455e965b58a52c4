// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include "tests/unit/admin/serving.h"

namespace rhumb::admin {
namespace {

class AdminServer : public testing::Serving {
 protected:
  AdminServer() {
    add(http::Method::get, "/hello", [](const Request&, const Reply& r) { r.send({200, "text/plain", "hello\n"}); });
    add(
        http::Method::get, "/healthz",
        [](const Request&, const Reply& r) {
          r.send({200, "text/plain", "ok\n"});
        },
        Role::read, true);
    add(http::Method::get, "/waits", [this](const Request&, const Reply& r) { kept_.push_back(r); });
    serve();
  }
  std::vector<Reply> kept_;
};

TEST_F(AdminServer, AnswersAGetAndCloses) {
  const std::string answer = ask(get("/hello"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_EQ(body(answer), "hello\n");
  for (const char* field : {"Content-Length: 6\r\n", "Content-Type: text/plain\r\n", "Connection: close\r\n",
                            "Cache-Control: no-store\r\n", "X-Content-Type-Options: nosniff\r\n"})
    EXPECT_TRUE(has(answer, field)) << field;
}

TEST_F(AdminServer, AClientThatLeavesLeavesNothingBehind) {
  for (int i = 0; i < 150; ++i) {
    const net::Fd fd = dial();
    say(fd, "GET /hel");
    loop_.turn(base::Millis(1));
  }
  settle();
  EXPECT_EQ(status(ask(get("/hello"))), "200");
}

TEST_F(AdminServer, SilentClientsGiveWayToWhoComes) {
  std::vector<net::Fd> silent;
  for (int i = 0; i < 80; ++i) silent.push_back(dial());
  for (int i = 0; i < 200; ++i) loop_.turn(base::Millis(1));
  EXPECT_EQ(read_to_end(silent.front()), "") << "the oldest one went";
  EXPECT_TRUE(quiet(silent.back())) << "the newest stays";
  EXPECT_EQ(server_->counts().crowded, 16u);
  EXPECT_EQ(status(ask(get("/hello"))), "200") << "at once, without any of them having been cut for its silence";
  EXPECT_EQ(status(ask(get("/healthz"))), "200");
}

TEST_F(AdminServer, HealthIsToldWhenEveryPlaceIsTaken) {
  AccessRules rules;
  for (int i = 0; i < 24; ++i)
    rules.tokens.push_back({std::to_string(i), static_cast<Role>(i / 8), std::string(32, static_cast<char>('a' + i))});
  add(http::Method::get, "/stream", [](const Request&, const Reply& r) {
    struct Silent final : BodySource {
      State next(std::string&) override { return State::idle; }
      bool endless() const noexcept override { return true; }
    };
    r.stream({}, std::make_unique<Silent>());
  });
  serve(rules);
  std::vector<net::Fd> busy;
  const auto take = [&](int caller, const char* what) {
    busy.push_back(dial());
    say(busy.back(), get_as(caller, what));
    EXPECT_TRUE(until([&] { return handled_ == static_cast<int>(busy.size()); }));
  };
  for (int i = 0; i < 16; ++i) take(i % 8, "/stream");
  for (int i = 0; i < 48; ++i) take(8 * (i % 3) + i / 3 % 8, "/waits");
  EXPECT_EQ(status(ask(get("/healthz"))), "200") << "64 are answered, and none of them gives way";
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(status(ask(get_as(0, "/hello"))), "503");
    EXPECT_EQ(status(ask(get("/healthz"))), "200");
  }
  std::vector<net::Fd> silent;
  for (int i = 0; i < 40; ++i) silent.push_back(dial());
  EXPECT_EQ(status(ask(get("/healthz"))), "200") << "silent ones beyond them do";
  for (const net::Fd& one : busy) EXPECT_TRUE(one);
}

TEST_F(AdminServer, BeyondItsRateItSaysWhenToComeAgain) {
  for (int i = 0; i < 200; ++i) ASSERT_EQ(status(ask(get("/hello"))), "200") << i;
  const std::string refused = ask(get("/hello"));
  EXPECT_EQ(status(refused), "429");
  EXPECT_TRUE(has(refused, "Retry-After: 1\r\n"));
  EXPECT_EQ(server_->counts().throttled, 1u);
  EXPECT_EQ(handled_, 200);
  EXPECT_EQ(status(ask(get("/healthz"))), "200") << "health has a rate of its own";
  clock_.advance(base::Millis(10));
  EXPECT_EQ(status(ask(get("/hello"))), "200") << "100 a second for one";
  EXPECT_EQ(status(ask(get("/hello"))), "429");
}

TEST_F(AdminServer, OnePeerLeavesHalfOfTheRateToOthers) {
  PeerBuckets buckets(100, 200);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += buckets.take("uid 1", clock_.now()) ? 1 : 0;
  EXPECT_EQ(taken, 200);
  EXPECT_TRUE(buckets.take("uid 2", clock_.now()));
  for (size_t i = 0; i < 10 * PeerBuckets::kMost; ++i) {
    clock_.advance(base::Micros(1));
    EXPECT_TRUE(buckets.take("address " + std::to_string(i), clock_.now()));
  }
  EXPECT_TRUE(buckets.take("uid 1", clock_.now())) << "it was forgotten for those that came since";
}

TEST_F(AdminServer, AFloodWaitsOutside) {
  for (int i = 0; i < 200 + 500; ++i) ASSERT_NE(status(ask(get("/hello"))), "") << i;
  EXPECT_EQ(status(ask(get("/hello"))), "429") << "with this one it has refused enough";
  const net::Fd waits = dial();
  say(waits, get("/hello"));
  settle();
  EXPECT_TRUE(quiet(waits)) << "nobody is accepted any more";
  clock_.advance(base::Millis(60));
  EXPECT_EQ(status(read_to_end(waits)), "200") << "for a moment";
}

TEST_F(AdminServer, WhoIsConnectedWhenItStopsAcceptingIsServed) {
  const net::Fd fd = dial();
  say(fd, "GET /hel");
  settle();
  server_->stop_accepting();
  say(fd, "lo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status(read_to_end(fd)), "200");
  const net::Connecting again = net::start_connect(address_);
  const auto outcome = [&] {
    return again.result.status == net::IoStatus::error ? again.result.error : net::connect_error(again.fd.get());
  };
  EXPECT_TRUE(until([&] { return outcome() == ECONNREFUSED; })) << "nobody listens any more";
}

TEST_F(AdminServer, EndsItsConnectionsWhenItGoes) {
  const net::Fd fd = dial();
  say(fd, "GET /hel");
  settle();
  server_.reset();
  EXPECT_EQ(read_to_end(fd), "");
}

TEST_F(AdminServer, AReplyThatOutlivesTheServerIsHarmless) {
  Reply kept;
  add(http::Method::get, "/later", [&](const Request&, const Reply& r) { kept = r; });
  const net::Fd fd = dial();
  say(fd, get("/later"));
  ASSERT_TRUE(until([&] { return handled_ == 1; }));
  EXPECT_FALSE(kept.gone());
  server_.reset();
  EXPECT_TRUE(kept.gone());
  kept.send({200, "text/plain", "too late"});
  kept.wake();
  EXPECT_EQ(read_to_end(fd), "");
}

TEST_F(AdminServer, CountsWhatItRefuses) {
  EXPECT_EQ(status(ask(get("/hello"))), "200");
  EXPECT_EQ(status(ask(get("/hello", "Host: evil.example\r\n"))), "403");
  EXPECT_EQ(server_->counts().requests, 2u);
  EXPECT_EQ(server_->counts().refused, 1u);
  EXPECT_EQ(server_->counts().throttled, 0u);
}

TEST_F(AdminServer, ServesAUnixSocketToItsOwnUser) {
  Caller seen;
  add(http::Method::get, "/who", [&](const Request& request, const Reply& r) {
    seen = request.caller;
    r.send({});
  });
  serve_unix();
  EXPECT_EQ(status(ask(get("/who"))), "200");
  EXPECT_EQ(seen.role, Role::admin);
  EXPECT_EQ(seen.name, "uid " + std::to_string(::getuid()) + " pid " + std::to_string(::getpid()));
}

}  // namespace
}  // namespace rhumb::admin
