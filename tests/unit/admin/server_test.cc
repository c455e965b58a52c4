// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include "tests/unit/admin/serving.h"

namespace rhumb::admin {
namespace {

class AdminServer : public testing::Serving {
 protected:
  AdminServer() {
    add(http::Method::get, "/hello", [](const Request&, const Reply& r) { r.send({200, "text/plain", "hello\n"}); });
    serve();
  }
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
  for (int i = 0; i < 200; ++i) {
    const net::Fd fd = dial();
    say(fd, "GET /hel");
    loop_.turn(base::Millis(1));
  }
  settle();
  EXPECT_EQ(status(ask(get("/hello"))), "200");
}

TEST_F(AdminServer, TooManySilentClientsDoNotPileUp) {
  std::vector<net::Fd> silent;
  for (int i = 0; i < 80; ++i) silent.push_back(dial());
  for (int i = 0; i < 200; ++i) loop_.turn(base::Millis(1));
  EXPECT_EQ(read_to_end(silent.back()), "") << "more than it takes: ended at once";
  EXPECT_TRUE(quiet(silent.front())) << "the first ones stay";
  EXPECT_EQ(server_->counts().crowded, 16u);
  clock_.advance(base::Seconds(6));
  settle();
  EXPECT_EQ(status(ask(get("/hello"))), "200") << "once they are cut there is room again";
}

TEST_F(AdminServer, BeyondItsRateItSaysWhenToComeAgain) {
  for (int i = 0; i < 400; ++i) ASSERT_EQ(status(ask(get("/hello"))), "200") << i;
  const std::string refused = ask(get("/hello"));
  EXPECT_EQ(status(refused), "429");
  EXPECT_TRUE(has(refused, "Retry-After: 1\r\n"));
  EXPECT_EQ(server_->counts().throttled, 1u);
  EXPECT_EQ(handled_, 400);
  clock_.advance(base::Millis(5));
  EXPECT_EQ(status(ask(get("/hello"))), "200") << "200 a second";
  EXPECT_EQ(status(ask(get("/hello"))), "429");
}

TEST_F(AdminServer, AFloodWaitsOutside) {
  for (int i = 0; i < 400 + 500; ++i) ASSERT_NE(status(ask(get("/hello"))), "") << i;
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
