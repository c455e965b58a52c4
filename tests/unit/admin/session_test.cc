// SPDX-License-Identifier: Apache-2.0
#include "admin/session.h"

#include <atomic>
#include <stdexcept>

#include "tests/unit/admin/serving.h"

namespace rhumb::admin {
namespace {

/// What a stream of the test says: its pieces, and what it is when it has said them.
struct Script {
  std::vector<std::string> pieces;
  BodySource::State then = BodySource::State::done;
  size_t asked = 0;
  bool destroyed = false;
};

class Scripted final : public BodySource {
 public:
  explicit Scripted(std::shared_ptr<Script> script)
      : script_(std::move(script)), endless_(script_->then == State::idle) {}
  ~Scripted() override { script_->destroyed = true; }
  State next(std::string& to) override {
    if (script_->asked >= script_->pieces.size()) return script_->then;
    to += script_->pieces[script_->asked++];
    return State::more;
  }
  bool endless() const noexcept override { return endless_; }

 private:
  std::shared_ptr<Script> script_;
  bool endless_;
};

class AdminSession : public testing::Serving {
 protected:
  AdminSession() {
    add(http::Method::get, "/hello", [](const Request&, const Reply& r) { r.send({200, "text/plain", "hello\n"}); });
    add(http::Method::get, "/big", [](const Request&, const Reply& r) {
      r.send({200, "text/plain", std::string(4 << 20, 'x')});
    });
    add(http::Method::get, "/echo", [](const Request& q, const Reply& r) {
      r.send({200, "text/plain", q.parameter("q")});
    });
    add(http::Method::post, "/body", [](const Request& q, const Reply& r) {
      r.send({200, "text/plain", std::string(q.body)});
    });
    add(http::Method::get, "/later", [this](const Request&, const Reply& r) { kept_ = r; });
    add(http::Method::get, "/stream", [this](const Request&, const Reply& r) {
      kept_ = r;
      r.stream({.content_type = "text/event-stream"}, std::make_unique<Scripted>(script_));
    });
    serve();
  }
  std::string chunked(const std::string& chunks, const std::string& type = "application/json") {
    return "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
           "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
  }
  net::Fd begin(const std::string& request, int handled) {
    net::Fd fd = dial();
    say(fd, request);
    EXPECT_TRUE(until([&] { return handled_ == handled; }));
    return fd;
  }

  Reply kept_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
};

TEST_F(AdminSession, AHeadHasTheLengthOfTheGetButNoBody) {
  const std::string answer = ask("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status(answer), "200");
  EXPECT_TRUE(has(answer, "Content-Length: 6\r\n"));
  EXPECT_EQ(body(answer), "");
}

TEST_F(AdminSession, ABodyOfEitherFramingReachesTheEndpoint) {
  EXPECT_EQ(body(ask(post("/body", "{\"a\":1}"))), "{\"a\":1}");
  EXPECT_EQ(body(ask(chunked("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"))), "abcde");
  EXPECT_EQ(body(ask(post("/body", "", ""))), "") << "no body needs no type";
  EXPECT_EQ(status(ask(post("/body", "{}", "Content-Type: Application/JSON; charset=utf-8\r\n"))), "200");
}

TEST_F(AdminSession, ABodyMayComeInPieces) {
  const net::Fd fd = dial();
  for (const char c : chunked("3\r\nabc\r\n0\r\n\r\n")) {
    say(fd, std::string_view(&c, 1));
    loop_.turn(base::Millis(1));
  }
  EXPECT_EQ(body(read_to_end(fd)), "abc");
}

TEST_F(AdminSession, ABodyThatIsNoJsonIsRefused) {
  for (const char* type : {"", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"}) {
    const std::string answer = ask(post("/body", "x", type));
    EXPECT_EQ(status(answer), "415") << type;
    EXPECT_TRUE(has(answer, "{\"error\":{\"code\":\"content_type\",")) << answer;
  }
  EXPECT_EQ(status(ask(chunked("1\r\nx\r\n0\r\n\r\n", "text/plain"))), "415");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminSession, ABodyHasALimit) {
  const std::string most(64 << 10, ' ');
  EXPECT_EQ(body(ask(post("/body", most))).size(), most.size());
  const std::string refused =
      ask("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n");
  EXPECT_EQ(status(refused), "413") << "at the head, before a byte of it";
  const net::Fd fd = dial();
  say(fd, chunked("10001\r\n"));
  std::string rest = most + " ";
  while (!rest.empty() && quiet(fd)) {
    const ssize_t n = ::send(fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) rest.erase(0, static_cast<size_t>(n));
    loop_.turn(base::Micros(0));
  }
  EXPECT_EQ(status(read_to_end(fd)), "413");
  EXPECT_EQ(handled_, 1);
}

TEST_F(AdminSession, BadFramingOfABodyIsABadRequest) {
  EXPECT_EQ(status(ask(chunked("zz\r\n"))), "400");
  EXPECT_EQ(status(ask("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n0\r\n\r\n")),
            "400");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminSession, WhoAsksToGoOnIsTold) {
  const net::Fd fd = dial();
  say(fd,
      "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(read_until(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  say(fd, "{}");
  EXPECT_EQ(body(read_to_end(fd)), "{}");
}

TEST_F(AdminSession, GarbageIsABadRequest) {
  EXPECT_EQ(status(ask("\x16\x03\x01 this is no HTTP\r\n\r\n")), "400");
  const std::string answer = ask("GET /hello HTTP/1.1\r\nHost : localhost\r\n\r\n");
  EXPECT_EQ(status(answer), "400");
  EXPECT_TRUE(has(answer, "{\"error\":{\"code\":\"bad_request\",")) << answer;
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminSession, OfAHeadThatBreaksAfterItsBytesHaveMovedNothingIsUsed) {
  for (const char* line : {"POST /body HTTP/1.1\r\n", "HEAD /hello HTTP/1.1\r\n"}) {
    const net::Fd fd = dial();
    say(fd, line);
    settle();
    say(fd, "Host: localhost\r\nX: " + std::string(9000, 'x') + "\r\nno\rfield\r\n\r\n");
    const std::string answer = read_to_end(fd);
    EXPECT_EQ(status(answer), "400");
    EXPECT_TRUE(has(body(answer), "bad_request")) << "nobody knows that it was a HEAD";
  }
  EXPECT_EQ(events_.last(), 0u) << "nor that it would have changed anything";
}

TEST_F(AdminSession, AnEndlessHeadIsRefused) {
  EXPECT_EQ(status(ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x'))), "431");
}

TEST_F(AdminSession, AHeadMayComeInPieces) {
  const net::Fd fd = dial();
  for (const char c : get("/hello")) {
    say(fd, std::string_view(&c, 1));
    loop_.turn(base::Millis(1));
  }
  EXPECT_EQ(body(read_to_end(fd)), "hello\n");
}

TEST_F(AdminSession, ASlowHeadIsCut) {
  const net::Fd slow = dial();
  say(slow, "GET /hello HTTP/1.1\r\nHost: loc");
  settle();
  clock_.advance(base::Seconds(4));
  settle();
  EXPECT_TRUE(quiet(slow)) << "it has five seconds";
  clock_.advance(base::Seconds(2));
  EXPECT_EQ(read_to_end(slow), "");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminSession, ASlowBodyIsToldSo) {
  const net::Fd slow = dial();
  say(slow, chunked("3\r\na"));
  settle();
  clock_.advance(base::Seconds(9));
  settle();
  EXPECT_TRUE(quiet(slow)) << "it has ten seconds";
  clock_.advance(base::Seconds(2));
  EXPECT_EQ(status(read_to_end(slow)), "408");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminSession, ALongAnswerArrivesWhole) { EXPECT_EQ(body(ask(get("/big"))).size(), size_t{4} << 20); }

TEST_F(AdminSession, AReaderThatTakesNothingIsCut) {
  const net::Fd fd = begin(get("/big"), 1);
  clock_.advance(base::Seconds(29));
  settle();
  char buffer[1 << 16];
  ASSERT_GT(::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT), 0);
  std::string got = read_until(fd, "xxx");
  settle();
  clock_.advance(base::Seconds(29));
  settle();
  ASSERT_GT(::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT), 0) << "every byte it takes gives it 30 s more";
  clock_.advance(base::Seconds(2));
  settle();
  EXPECT_LT(read_to_end(fd).size(), size_t{4} << 20);
}

TEST_F(AdminSession, OfAHundredPipelinedOneIsAnswered) {
  std::string all;
  for (int i = 0; i < 100; ++i) all += get("/hello");
  const std::string answer = ask(all);
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos);
  EXPECT_EQ(body(answer), "hello\n") << "the answer is not lost by what came behind the request";
  EXPECT_EQ(handled_, 1);
}

TEST_F(AdminSession, AnAnswerMayComeInALaterTurn) {
  const net::Fd fd = begin(get("/later"), 1);
  settle();
  EXPECT_TRUE(quiet(fd));
  EXPECT_FALSE(kept_.gone());
  const Reply copy = kept_;
  copy.send({202, "text/plain", "at last"});
  kept_.send({200, "text/plain", "and again"});
  EXPECT_EQ(body(read_to_end(fd)), "at last");
  settle();
  EXPECT_TRUE(kept_.gone());
}

TEST_F(AdminSession, WhoSaysNoMoreIsStillAnswered) {
  const net::Fd fd = begin(get("/later"), 1);
  ::shutdown(fd.get(), SHUT_WR);
  settle();
  kept_.send({200, "text/plain", "at last"});
  EXPECT_EQ(body(read_to_end(fd)), "at last");
}

TEST_F(AdminSession, WhoSaysNoMoreGetsALongAnswerToItsEnd) {
  script_->pieces.assign(50, std::string(60 << 10, 'x'));
  for (const char* target : {"/stream", "/big"}) {
    const net::Fd fd = dial();
    say(fd, get(target));
    ::shutdown(fd.get(), SHUT_WR);
    settle();
    EXPECT_GT(read_to_end(fd).size(), size_t{50} * (60 << 10)) << target;
  }
}

TEST_F(AdminSession, AReplyToAClientThatLeftIsHarmlessAlsoForTheNextOne) {
  const Reply first = [&] {
    const net::Fd fd = begin(get("/later"), 1);
    net::reset_on_close(fd.get());
    return kept_;
  }();
  ASSERT_TRUE(until([&] { return first.gone(); }));
  const net::Fd next = begin(get("/later"), 2);
  first.send({200, "text/plain", "for somebody else"});
  settle();
  EXPECT_TRUE(quiet(next)) << "the place is taken anew, the name is not";
  kept_.send({200, "text/plain", "for you"});
  EXPECT_EQ(body(read_to_end(next)), "for you");
}

TEST_F(AdminSession, WhatNobodyAnswersHasAnEnd) {
  const net::Fd fd = begin(get("/later"), 1);
  clock_.advance(base::Seconds(301));
  EXPECT_EQ(status(read_to_end(fd)), "504");
}

TEST_F(AdminSession, AStreamIsChunked) {
  script_->pieces = {"data: 1\n\n", "data: 2\n\n"};
  const std::string answer = ask(get("/stream"));
  EXPECT_TRUE(has(answer, "Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(has(answer, "Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(body(answer), "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n");
  EXPECT_TRUE(script_->destroyed);
}

TEST_F(AdminSession, AStreamForAnOldClientEndsWithItsConnection) {
  script_->pieces = {"one ", "two"};
  const std::string answer = ask("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(has(answer, "Transfer-Encoding"));
  EXPECT_EQ(body(answer), "one two");
}

TEST_F(AdminSession, AHeadOfAStreamHasNoBody) {
  script_->pieces = {"one"};
  EXPECT_EQ(body(ask("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")), "");
  EXPECT_EQ(script_->asked, 0u);
}

TEST_F(AdminSession, AnIdleStreamWaitsToBeWoken) {
  script_->pieces = {"first"};
  script_->then = BodySource::State::idle;
  const net::Fd fd = begin(get("/stream"), 1);
  read_until(fd, "first\r\n");
  clock_.advance(base::Seconds(3600));
  settle();
  EXPECT_TRUE(quiet(fd)) << "who has read everything may wait";
  script_->pieces.push_back("second");
  kept_.wake();
  EXPECT_EQ(script_->asked, 1u) << "not while the caller is still at it";
  read_until(fd, "second\r\n");
  script_->then = BodySource::State::done;
  kept_.wake();
  kept_.wake();
  EXPECT_EQ(read_to_end(fd), "0\r\n\r\n");
  EXPECT_TRUE(kept_.gone());
}

TEST_F(AdminSession, AStreamEndsWithItsClient) {
  script_->then = BodySource::State::idle;
  { const net::Fd fd = begin(get("/stream"), 1); }
  EXPECT_TRUE(until([&] { return script_->destroyed; }));
  EXPECT_TRUE(kept_.gone());
  kept_.wake();
  settle();
}

TEST_F(AdminSession, ASlowReaderHoldsLittle) {
  script_->pieces.assign(300, std::string(64 << 10, 'x'));
  net::Fd fd = begin(get("/stream"), 1);
  for (int i = 0; i < 10; ++i) settle();
  const size_t asked = script_->asked;
  EXPECT_LT(asked, 100u) << "what the sockets take and 128 KiB";
  for (int i = 0; i < 10; ++i) settle();
  EXPECT_EQ(script_->asked, asked) << "nothing more is asked for";
  const std::string all = read_to_end(fd);
  EXPECT_GT(all.size(), size_t{300} * (64 << 10));
  EXPECT_TRUE(all.ends_with("\r\n0\r\n\r\n"));
}

TEST_F(AdminSession, AReaderOfAStreamThatTakesNothingIsCut) {
  script_->pieces.assign(300, std::string(64 << 10, 'x'));
  const net::Fd fd = begin(get("/stream"), 1);
  settle();
  clock_.advance(base::Seconds(29));
  settle();
  EXPECT_FALSE(script_->destroyed);
  clock_.advance(base::Seconds(2));
  settle();
  EXPECT_TRUE(script_->destroyed);
}

TEST_F(AdminSession, AReaderOfDropsIsCutAfterFiveMinutes) {
  script_->pieces.assign(300, std::string(64 << 10, 'x'));
  const net::Fd fd = begin(get("/stream"), 1);
  char drop[1024];
  int minutes = 0;
  for (; minutes < 20 && !script_->destroyed; ++minutes) {
    for (int i = 0; i < 3; ++i) {
      clock_.advance(base::Seconds(20));
      settle();
      for (int k = 0; k < 200; ++k) (void)::recv(fd.get(), drop, sizeof drop, MSG_DONTWAIT);
      settle();
    }
  }
  EXPECT_TRUE(script_->destroyed);
  EXPECT_LE(minutes, 6);
}

TEST_F(AdminSession, StreamsLeaveRoomForOthers) {
  serve(callers(6));
  script_->then = BodySource::State::idle;
  std::vector<net::Fd> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(begin(get_as(0, "/stream"), i + 1));
  const std::string greedy = ask(get_as(0, "/stream"));
  EXPECT_EQ(status(greedy), "503") << "one caller has four";
  EXPECT_TRUE(has(greedy, "Retry-After: "));
  for (int i = 4; i < 16; ++i) streams.push_back(begin(get_as(i / 4, "/stream"), i + 2));
  EXPECT_EQ(status(ask(get_as(5, "/stream"))), "503") << "and all together have sixteen";
  EXPECT_EQ(status(ask(get_as(0, "/hello"))), "200");
  const auto waiting = std::exchange(script_, std::make_shared<Script>());
  script_->pieces = {"a page"};
  EXPECT_EQ(status(ask(get_as(0, "/stream"))), "200") << "one that ends does not count";
  script_ = waiting;
  streams.pop_back();
  settle();
  const net::Fd fd = begin(get_as(5, "/stream"), 21);
  EXPECT_EQ(status(read_until(fd, "\r\n\r\n")), "200");
}

TEST_F(AdminSession, WhoMayNotIsToldBeforeTheBodyIsRead) {
  add(
      http::Method::post, "/operators", [](const Request&, const Reply& r) { r.send({}); }, Role::operate);
  for (const auto& [path, answer] : {std::pair{"/operators", "403"}, {"/nowhere", "404"}, {"/hello", "405"}}) {
    const net::Fd fd = dial();
    say(fd, std::string("POST ") + path +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n");
    EXPECT_EQ(status(read_to_end(fd)), answer);
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminSession, AMistakeInTheMiddleOfABodyIsSeenByTheClient) {
  class Broken final : public BodySource {
    State next(std::string& to) override {
      if (std::exchange(asked_, true)) throw std::runtime_error("oh");
      return to += "half", State::more;
    }
    bool asked_ = false;
  };
  add(http::Method::get, "/broken", [](const Request&, const Reply& r) { r.stream({}, std::make_unique<Broken>()); });
  const std::string answer = ask(get("/broken"));
  EXPECT_FALSE(answer.ends_with("0\r\n\r\n")) << answer;
  EXPECT_EQ(status(ask(get("/hello"))), "200") << "and nobody else does";
}

TEST_F(AdminSession, AParameterReachesTheEndpointDecoded) { EXPECT_EQ(body(ask(get("/echo?q=a%20b"))), "a b"); }

}  // namespace
}  // namespace rhumb::admin
