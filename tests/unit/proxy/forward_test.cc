// SPDX-License-Identifier: Apache-2.0
// The way to the region: what it gets to see, and what happens when it cannot be had.
#include <gtest/gtest.h>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::chunked;
using testing::comes_true;
using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::nobody;
using testing::ok;
using testing::one_region;
using testing::Upstream;
using testing::Wire;

/// Answers with the head it got.
const auto kEchoHead = Upstream::each([](const Message& request) { return ok(request.head); });
/// Answers with the body it got, and says how that was framed.
const auto kEchoBody = Upstream::each([](const Message& request) {
  return ok(request.body, "X-Length: " + request.field("content-length") +
                              "\r\nX-Coding: " + request.field("transfer-encoding") +
                              "\r\nX-Trailers: " + std::to_string(request.trailers.size()) + "\r\n");
});

/// The head a request becomes on its way through.
Message seen(const std::string& request) {
  Upstream upstream(kEchoHead);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  Message out;
  out.head = client.exchange(request).body;
  out.start = out.head.substr(0, out.head.find("\r\n"));
  return out;
}
bool has(const Message& message, const std::string& line) {
  return message.head.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST(Forward, TheRegionSeesTheClientsHostAndFields) {
  const Message head = seen(get("/path?query", "X-Own: value\r\nAccept: */*\r\n"));
  EXPECT_EQ(head.start, "GET /path?query HTTP/1.1");
  EXPECT_TRUE(has(head, "Host: example.com")) << head.head;
  EXPECT_TRUE(has(head, "X-Own: value"));
  EXPECT_TRUE(has(head, "Accept: */*"));
}

TEST(Forward, TheRegionLearnsWhoSentItAndWhichItIs) {
  const Message head = seen(get("/", "Via: 1.1 before\r\nX-Region: forged\r\n"));
  EXPECT_TRUE(has(head, "X-Region: home")) << head.head;
  EXPECT_EQ(head.head.find("forged"), std::string::npos);
  EXPECT_TRUE(has(head, "Via: 1.1 rhumb"));
  EXPECT_LT(head.head.find("Via: 1.1 before"), head.head.find("Via: 1.1 rhumb")) << "the nearest gateway comes last";
}

TEST(Forward, AnHttp10RequestIsSaidToBeOne) {
  const Message head = seen("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n");
  EXPECT_EQ(head.start, "GET / HTTP/1.1");
  EXPECT_TRUE(has(head, "Via: 1.0 rhumb")) << head.head;
}

TEST(Forward, WhatIsForOneConnectionStaysThere) {
  const Message head = seen(get("/",
                                "Connection: keep-alive, X-Private\r\nX-Private: secret\r\nKeep-Alive: timeout=5\r\n"
                                "Proxy-Connection: keep-alive\r\nTE: trailers\r\nUpgrade: h2c\r\n"));
  for (const char* name : {"X-Private", "Keep-Alive", "Proxy-Connection", "TE:", "Upgrade", "Connection"})
    EXPECT_EQ(head.head.find(std::string("\r\n") + name), std::string::npos) << name << "\n" << head.head;
}

TEST(Forward, ALengthBodyArrivesWithItsLength) {
  Upstream upstream(kEchoBody);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  for (const size_t size : {size_t{0}, size_t{1}, size_t{20'000}, size_t{2} << 20}) {
    const std::string body(size, 'b');
    const Message answer = client.exchange(
        "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + body);
    EXPECT_EQ(answer.field("x-length"), std::to_string(size));
    EXPECT_EQ(answer.field("x-coding"), "");
    EXPECT_TRUE(answer.body == body) << size;
  }
}

TEST(Forward, AChunkedBodyIsFramedAnew) {
  Upstream upstream(kEchoBody);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const Message answer = client.exchange(
      "POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0003;ext=\"1;2\"\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 4\r\n\r\n");
  EXPECT_EQ(answer.body, "abcd");
  EXPECT_EQ(answer.field("x-coding"), "chunked");
  EXPECT_EQ(answer.field("x-length"), "");
  EXPECT_EQ(answer.field("x-trailers"), std::to_string(std::string("X-Sum: 4\r\n").size()));
}

TEST(Forward, ALargeChunkedBodyArrivesWhole) {
  Upstream upstream(kEchoBody);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  std::string body, wire;
  char size[20];
  for (size_t i = 0; body.size() < (size_t{1} << 20); ++i) {
    const std::string piece(i * 7919 % 30'000 + 1, static_cast<char>('a' + i % 26));
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    wire += size + piece + "\r\n";
    body += piece;
  }
  const Message answer = client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                         wire + "0\r\n\r\n");
  EXPECT_TRUE(answer.body == body);
  EXPECT_EQ(client.exchange(get()).status(), 200) << "and the connection goes on";
}

TEST(Forward, ABadChunkEndsTheRequestAndTheRegionNeverTakesItForWhole) {
  std::atomic<int> whole{0}, cut{0};
  Upstream upstream([&](Wire& wire, int) { ++(wire.read_request().whole ? whole : cut); });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
  ASSERT_TRUE(client.send("-1\r\nx\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_response().status(), 400);
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(comes_true([&] { return cut == 1; }));
  EXPECT_EQ(whole, 0);
}

TEST(Forward, AClientThatEndsInsideItsBodyCutsTheRegionOff) {
  std::atomic<int> whole{0}, cut{0};
  Upstream upstream([&](Wire& wire, int) { ++(wire.read_request().whole ? whole : cut); });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 10\r\n\r\nabc"));
  client.finish();
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(comes_true([&] { return cut == 1; }));
  EXPECT_EQ(whole, 0);
}

TEST(Forward, AClientThatLeavesCutsTheRegionOff) {
  std::atomic<bool> asked{false}, gone{false};
  Upstream upstream([&](Wire& wire, int) {
    asked = wire.read_request().whole;
    gone = wire.ended();
  });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send(get()));
  EXPECT_TRUE(comes_true([&] { return asked.load(); }));
  client.reset();
  EXPECT_TRUE(comes_true([&] { return gone.load(); }));
  gateway.stop();
  ASSERT_EQ(gateway.log().size(), 1u);
  EXPECT_EQ(gateway.log()[0]["flags"]["fault"], "client_gone");
  EXPECT_EQ(gateway.log()[0]["status"], 0);
}

TEST(Forward, AStalledBodyGets408) {
  Upstream upstream(kEchoBody);
  Gateway gateway(listener(", timeouts: {request_body: 60ms}") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 10\r\n\r\nabc").status(), 408);
  EXPECT_TRUE(client.ended());
}

TEST(Forward, ARefusedConnectionIsTriedAtTheNextEndpoint) {
  Upstream upstream(kEchoBody);
  Gateway gateway(listener("") + one_region({nobody(), upstream.address()}, "balance: round_robin"));
  Wire client = gateway.dial();
  for (int i = 0; i < 4; ++i) {
    const Message answer = client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body, "abc") << "not a byte of it was lost by trying";
  }
  gateway.stop();
  EXPECT_EQ(gateway.log()[0]["endpoint"], upstream.address().to_string());
  EXPECT_EQ(gateway.log()[0]["retries"], 1);
}

TEST(Forward, WhenNoEndpointAnswersTheNextRegionDoes) {
  Upstream upstream(Upstream::always(ok("us")));
  Gateway gateway(listener("") + "regions:\n  - {name: eu, priority: 1, endpoints: [\"" + nobody().to_string() +
                  "\"]}\n  - {name: us, priority: 2, endpoints: [\"" + upstream.address().to_string() +
                  "\"]}\nroutes: [{name: a, strategy: priority}]\n");
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).body, "us");
  for (int i = 0; i < 40; ++i) EXPECT_EQ(gateway.dial().exchange(get()).body, "us") << "no budget is needed for that";
  gateway.stop();
  EXPECT_EQ(gateway.log()[0]["region"], "us");
}

TEST(Forward, FiltersSpeakOfTheRegionThatTookTheRequest) {
  Upstream upstream(Upstream::each([](const Message& request) { return ok(request.field("x-to")); }));
  Gateway gateway(listener("") + "regions:\n  - {name: eu, priority: 1, endpoints: [\"" + nobody().to_string() +
                  "\"]}\n  - {name: us, priority: 2, endpoints: [\"" + upstream.address().to_string() +
                  "\"]}\nroutes: [{name: a, strategy: priority, "
                  "filters: [{headers: {request: {add: {X-To: \"to %{region}\"}}}}]}]\n");
  EXPECT_EQ(gateway.dial().exchange(get()).body, "to us");
}

TEST(Forward, NoMoreTriesThanTheRouteAllows) {
  Gateway gateway(listener("") + one_region({nobody(), nobody(), nobody()}) +
                  "routes: [{name: a, retry: {tries: 2}}]\n");
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).status(), 502);
  gateway.stop();
  EXPECT_EQ(gateway.log()[0]["retries"], 1);
  EXPECT_EQ(gateway.log()[0]["flags"]["fault"], "connect_refused");
}

/// Serves one request a connection, and resets the connection when the next one has arrived: as one that went stale
/// does.
Upstream::Script stale(std::atomic<int>& requests) {
  return [&requests](Wire& wire, int number) {
    for (int i = 0; wire.read_request().whole; ++i) {
      ++requests;
      if (number == 0 && i == 1) return wire.reset();
      wire.send(ok("answer " + std::to_string(requests)));
    }
  };
}

TEST(Forward, AGetThatMetAStaleConnectionIsSentOnceMoreOnAFreshOne) {
  std::atomic<int> requests{0};
  Upstream upstream(stale(requests));
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).body, "answer 1");
  EXPECT_EQ(client.exchange(get()).body, "answer 3");
  EXPECT_EQ(upstream.connections(), 2);
}

TEST(Forward, AStaleConnectionIsNoTry) {
  std::atomic<int> requests{0};
  Upstream upstream(stale(requests));
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: a, retry: {tries: 1}}]\n");
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).body, "answer 1");
  EXPECT_EQ(client.exchange(get()).body, "answer 3");
}

TEST(Forward, APostThatMetAStaleConnectionIsNeverSentTwice) {
  for (const char* body :
       {"Content-Length: 3\r\n\r\nabc", "Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    std::atomic<int> requests{0};
    Upstream upstream(stale(requests));
    Gateway gateway(listener("") + one_region(upstream));
    Wire client = gateway.dial();
    const std::string post = std::string("POST / HTTP/1.1\r\nHost: example.com\r\n") + body;
    EXPECT_EQ(client.exchange(post).status(), 200);
    EXPECT_EQ(client.exchange(post).status(), 502) << body;
    EXPECT_EQ(requests, 2) << body;
  }
}

TEST(Forward, AGetWithABodyThatMetAStaleConnectionIsNeverSentTwice) {
  std::atomic<int> requests{0};
  Upstream upstream(stale(requests));
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const std::string request = get("/", "Content-Length: 3\r\n") + "abc";
  EXPECT_EQ(client.exchange(request).status(), 200);
  EXPECT_EQ(client.exchange(request).status(), 502);
  EXPECT_EQ(requests, 2);
}

TEST(Forward, APutIsNotRepeatedAfterAnAnswerThatNeverCame) {
  std::atomic<int> requests{0};
  Upstream upstream([&](Wire& wire, int) {
    if (wire.read_request().whole) ++requests;
  });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange("PUT / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc").status(), 502);
  EXPECT_EQ(requests, 1);
}

/// A client that asks for a 100 first, and a region that takes `thinking` to give it.
void expect_a_100_after(std::chrono::milliseconds thinking, const std::string& listener_options) {
  Upstream upstream([thinking](Wire& wire, int) {
    const std::string head = wire.read_until("\r\n\r\n");
    EXPECT_NE(head.find("100-continue"), std::string::npos);
    EXPECT_TRUE(wire.silent_for(thinking)) << "the client waits with its body";
    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(wire.read(3), "abc");
    wire.send(ok("thanks"));
    wire.read_to_end();
  });
  Gateway gateway(listener(listener_options) + one_region(upstream));
  Wire client = gateway.dial();
  const Message first =
      client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(first.status(), 100);
  EXPECT_EQ(client.exchange("abc").body, "thanks");
}

TEST(Forward, A100ContinueIsAskedOfTheRegionAndPassedOn) { expect_a_100_after(std::chrono::milliseconds(20), ""); }

TEST(Forward, ARefusedExpectationEndsTheConnectionSinceTheBodyMayStillCome) {
  Upstream upstream([](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    wire.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    wire.read_to_end();
  });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const Message answer =
      client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(answer.status(), 417);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST(Forward, ASlowRegionHoldsBackItsClient) {
  std::atomic<bool> go{false};
  std::atomic<size_t> got{0};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    EXPECT_TRUE(comes_true([&] { return go.load(); }));
    got = wire.read_to_end().size();
  });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  constexpr size_t kBody = size_t{256} << 20;
  ASSERT_TRUE(
      client.send("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n"));
  const size_t sent = client.send_until_blocked(kBody, std::chrono::milliseconds(200));
  EXPECT_LT(sent, size_t{64} << 20) << "sockets hold some megabytes, the gateway next to nothing";
  go = true;
  client.finish();
  EXPECT_TRUE(comes_true([&] { return got == sent; })) << got << " of " << sent;
}

TEST(Forward, ARegionThatAnswersEarlyAndBreaksOffIsHeardAtOnce) {
  std::atomic<bool> full{false};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    EXPECT_TRUE(comes_true([&] { return full.load(); }));
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(50, 'x'));
    wire.close();  // with much of the request unread: a reset
  });
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  constexpr size_t kBody = size_t{64} << 20;
  ASSERT_TRUE(
      client.send("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n"));
  client.send_until_blocked(kBody, std::chrono::milliseconds(100));
  full = true;
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.empty() || answer.ends_with(std::string(50, 'x'))) << answer;
  EXPECT_TRUE(client.clean() || client.broken()) << "its response would be complete only with 50 bytes more";
}

TEST(Forward, APostIsNotLentAConnectionThatBrokeBehindItsLastAnswer) {
  for (int i = 0; i < 10; ++i) {
    std::atomic<bool> broken{false};
    Upstream upstream([&](Wire& wire, int number) {
      while (wire.read_request().whole && wire.send(ok("fine"))) {
        if (number != 0) continue;
        wire.reset();
        broken = true;
        return;
      }
    });
    Gateway gateway(listener("") + one_region(upstream));
    Wire client = gateway.dial();
    EXPECT_EQ(client.exchange(get()).status(), 200);
    EXPECT_TRUE(comes_true([&] { return broken.load(); }));
    EXPECT_EQ(client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\nabc").status(), 200);
  }
}

TEST(Forward, TheRegionsTimeBeginsWhenItHasTheWholeRequest) {
  Upstream upstream(kEchoBody);
  Gateway gateway(listener(", timeouts: {request_body: 5s}") + one_region(upstream) +
                  "routes: [{name: a, timeouts: {response_head: 200ms}}]\n");
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 6\r\n\r\nabc"));
  EXPECT_TRUE(client.silent_for(std::chrono::milliseconds(500))) << "it is the client that takes its time";
  EXPECT_EQ(client.exchange("def").body, "abcdef");
}

TEST(Forward, AClientThatWaitsForA100IsNotTheSlowOne) {
  expect_a_100_after(std::chrono::milliseconds(500), ", timeouts: {request_body: 200ms}");
}

TEST(Forward, AnUploadThatGoesOnKeepsAnEarlyAnswerAlive) {
  constexpr int kPieces = 8;
  Upstream upstream([](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
    EXPECT_EQ(wire.read(kPieces * 4).size(), size_t{kPieces * 4});
    wire.send("received");
    wire.read_to_end();
  });
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: a, timeouts: {response_idle: 400ms}}]\n");
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: " + std::to_string(kPieces * 4) +
                          "\r\n\r\n"));
  EXPECT_NE(client.read_until("\r\n\r\n").find(" 200 "), std::string::npos);
  for (int i = 0; i < kPieces; ++i) {
    ASSERT_TRUE(client.silent_for(std::chrono::milliseconds(100)));
    ASSERT_TRUE(client.send("piec"));
  }
  EXPECT_EQ(client.read(8), "received");
}

}  // namespace
}  // namespace rhumb::proxy
