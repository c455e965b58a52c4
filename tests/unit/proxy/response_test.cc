// SPDX-License-Identifier: Apache-2.0
// The way back: how answers are framed for the client, and what becomes of those that are no good.
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
using testing::ok;
using testing::one_region;
using testing::Scene;
using testing::Upstream;
using testing::Wire;

const std::string kHttp10 = "GET / HTTP/1.0\r\nHost: example.com\r\nConnection: keep-alive\r\n\r\n";
const std::string kHead = "HEAD / HTTP/1.1\r\nHost: example.com\r\n\r\n";

/// Says this once, then ends the connection.
Upstream::Script once(std::string bytes) {
  return [bytes = std::move(bytes)](Wire& wire, int) {
    wire.read_request();
    wire.send(bytes);
  };
}

/// Bytes that tell their place, so that nothing can be swapped unnoticed.
std::string pattern(size_t size) {
  std::string out;
  for (uint64_t i = 0; out.size() < size; ++i) out += std::to_string(i * 2654435761u) + "\n";
  out.resize(size);
  return out;
}

TEST(Response, ALengthBodyKeepsItsLength) {
  Scene s(Upstream::always(ok("hello", "X-Own: 1\r\n")));
  const Message answer = s.client.exchange(get());
  EXPECT_EQ(answer.start, "HTTP/1.1 200 OK");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.field("content-length"), "5");
  EXPECT_EQ(answer.field("x-own"), "1");
  EXPECT_EQ(answer.field("via"), "1.1 rhumb");
  EXPECT_NE(answer.field("date"), "");
  EXPECT_EQ(s.client.exchange(get()).body, "hello");
  EXPECT_EQ(s.upstream.connections(), 1);
}

TEST(Response, WhatIsForOneConnectionStaysThere) {
  Scene s(Upstream::always(ok("", "Connection: X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\nDate: then\r\n")));
  const Message answer = s.client.exchange(get());
  EXPECT_EQ(answer.count("x-private") + answer.count("keep-alive") + answer.count("connection"), 0u);
  EXPECT_EQ(answer.field("date"), "then") << "the region's own";
}

TEST(Response, AChunkedBodyIsFramedAnewWithItsTrailers) {
  Scene s(Upstream::always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                           chunked({"abc", "de"}, "X-Sum: 5\r\n")));
  for (int i = 0; i < 2; ++i) {
    const Message answer = s.client.exchange(get());
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body, "abcde");
    EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.count("content-length"), 0u);
    EXPECT_EQ(answer.trailers, "X-Sum: 5\r\n");
  }
  EXPECT_EQ(s.upstream.connections(), 1);
}

TEST(Response, AChunkedBodyFlowsAsItComes) {
  std::atomic<bool> seen{false};
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    EXPECT_TRUE(comes_true([&] { return seen.load(); })) << "the client waited for the end";
    wire.send("4\r\nlast\r\n0\r\n\r\n");
    wire.read_to_end();
  });
  ASSERT_TRUE(s.client.send(get()));
  s.client.read_until("first");
  seen = true;
  EXPECT_EQ(s.client.read_until("0\r\n\r\n"), "\r\n4\r\nlast\r\n0\r\n\r\n");
}

TEST(Response, AnHttp10ClientGetsNoChunks) {
  Scene s(Upstream::always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked({"abc", "de"})));
  const Message answer = s.client.exchange(kHttp10);
  EXPECT_EQ(answer.count("transfer-encoding"), 0u);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(answer.body, "abcde");
  EXPECT_TRUE(s.client.clean());
}

TEST(Response, ABodyThatEndsWithItsConnectionBecomesChunks) {
  Scene s(once("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"));
  for (int i = 0; i < 2; ++i) {
    const Message answer = s.client.exchange(get());
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body, "until the end");
    EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.field("connection"), "") << "the client's connection goes on";
  }
  EXPECT_EQ(s.upstream.connections(), 2);
}

TEST(Response, ABodyThatEndsWithItsConnectionEndsThatOfAnHttp10ClientToo) {
  Scene s(once("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
  const Message answer = s.client.exchange(kHttp10);
  EXPECT_EQ(answer.body, "until the end");
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(s.client.clean());
}

TEST(Response, AHeadsAnswerHasNoBodyButSaysItsLength) {
  Scene s(Upstream::always("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(s.client.exchange(kHead).field("content-length"), "1234");
  EXPECT_EQ(s.upstream.connections(), 1);
}

TEST(Response, AHeadsAnswerMayBeOneThatWouldBeChunked) {
  Scene s(Upstream::always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(s.client.exchange(kHead).status(), 200);
  EXPECT_EQ(s.upstream.connections(), 1);
}

TEST(Response, A204AndA304HaveNoBody) {
  Scene s(Upstream::each([](const Message& request) {
    return request.target() == "/204" ? std::string("HTTP/1.1 204 No Content\r\n\r\n")
                                      : std::string("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n");
  }));
  for (int i = 0; i < 2; ++i) {
    const Message no_content = s.client.exchange(get("/204"));
    EXPECT_EQ(no_content.status(), 204);
    EXPECT_EQ(no_content.count("content-length") + no_content.count("transfer-encoding"), 0u);
    EXPECT_EQ(s.client.exchange(get("/304")).field("content-length"), "77");
  }
  EXPECT_EQ(s.upstream.connections(), 1);
}

TEST(Response, InterimAnswersArePassedOnInOrder) {
  Scene s(Upstream::always("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" +
                           ok("done")));
  for (int i = 0; i < 2; ++i) {
    const Message hints = s.client.exchange(get());
    EXPECT_EQ(hints.status(), 103);
    EXPECT_EQ(hints.field("link"), "</a.css>");
    EXPECT_EQ(s.client.read_response().status(), 102);
    EXPECT_EQ(s.client.read_response().body, "done");
  }
}

TEST(Response, AnHttp10ClientHearsOnlyTheFinalAnswer) {
  Scene s(Upstream::always("HTTP/1.1 103 Early Hints\r\n\r\n" + ok("done")));
  const Message answer = s.client.exchange(kHttp10);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, "done");
}

TEST(Response, ManyLongInterimAnswersArriveWhole) {
  std::string all;
  for (int i = 0; i < 12; ++i)
    all += "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(7'000, static_cast<char>('a' + i)) +
           "\r\nX: " + std::string(7'000, 'x') + "\r\n\r\n";
  Scene s(Upstream::always(all + ok("done")));
  ASSERT_TRUE(s.client.send(get()));
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(s.client.read_response().field("link"), std::string(7'000, static_cast<char>('a' + i)));
  EXPECT_EQ(s.client.read_response().body, "done");
}

TEST(Response, InterimAnswersWithoutEndAreNotBelieved) {
  std::string all;
  for (int i = 0; i < 40; ++i) all += "HTTP/1.1 102 Processing\r\n\r\n";
  Scene s(Upstream::always(all + ok("done")));
  Message answer = s.client.exchange(get());
  while (answer.status() == 102) answer = s.client.read_response();
  EXPECT_EQ(answer.status(), 502);
}

TEST(Response, AMalformedAnswerIsABadGatewayAndItsConnectionIsNotUsedAgain) {
  for (const char* bytes :
       {"garbage\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n"}) {
    Scene s([&](Wire& wire, int) {
      while (wire.read_request().whole && wire.send(bytes)) continue;
    });
    for (int i = 0; i < 2; ++i) {
      const Message answer = s.client.exchange(get());
      EXPECT_EQ(answer.status(), 502) << bytes;
      EXPECT_EQ(answer.field("connection"), "") << "the client's own connection is fine";
    }
    EXPECT_EQ(s.upstream.connections(), 2) << bytes;
  }
}

TEST(Response, ACutLengthBodyIsSeenAsCut) {
  Scene s(once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
  const Message answer = s.client.exchange(get());
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body, "half");
  EXPECT_FALSE(answer.whole);
  s.gateway.stop();
  EXPECT_EQ(s.gateway.log()[0]["flags"]["fault"], "upstream_truncated");
  EXPECT_EQ(s.gateway.log()[0]["flags"]["truncated"], true);
}

TEST(Response, ACutChunkedBodyHasNoLastChunk) {
  Scene s(once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"));
  const Message answer = s.client.exchange(get());
  EXPECT_EQ(answer.body, "half");
  EXPECT_FALSE(answer.whole);
}

TEST(Response, ACutChunkedBodyIsNoCleanEndForAnHttp10Client) {
  Scene s(once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"));
  const Message answer = s.client.exchange(kHttp10);
  EXPECT_FALSE(answer.whole);
  EXPECT_TRUE(s.client.broken()) << "a clean end would say: this was all";
}

TEST(Response, AMalformedChunkCutsTheAnswer) {
  Scene s(Upstream::always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nnonsense\r\n0\r\n\r\n"));
  const Message answer = s.client.exchange(get());
  EXPECT_EQ(answer.body, "half");
  EXPECT_FALSE(answer.whole);
}

TEST(Response, ARegionThatClosesWithoutAnAnswerIsABadGateway) {
  Scene s([](Wire& wire, int) { wire.read_request(); });
  EXPECT_EQ(s.client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n").status(), 502);
}

TEST(Response, BytesBehindTheAnswerAreNobodysAnswer) {
  Scene s(Upstream::always(ok("mine") + ok("smuggled")));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(s.client.exchange(get()).body, "mine");
  EXPECT_EQ(s.upstream.connections(), 3) << "a connection that said too much is not used again";
  EXPECT_TRUE(s.client.waiting().empty());
}

TEST(Response, AnEarlyAnswerIsPassedOnAndNeitherConnectionGoesOn) {
  Scene s([](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
    wire.read_to_end();
  });
  ASSERT_TRUE(s.client.send("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 100000\r\n\r\nabc"));
  const Message answer = s.client.read_response();
  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(answer.body, "big");
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(s.client.ended());
}

TEST(Response, AHeadInPiecesIsPutTogether) {
  const std::string answer = "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + ok("hello", "X-Own: 1\r\n");
  Scene s([&](Wire& wire, int) {
    wire.read_request();
    for (const char c : answer) {
      wire.send(std::string_view(&c, 1));
      std::this_thread::yield();
    }
    wire.read_to_end();
  });
  EXPECT_EQ(s.client.exchange(get()).field("link"), "<a>");
  EXPECT_EQ(s.client.read_response().body, "hello");
}

TEST(Response, ALargeBodyArrivesByteForByte) {
  const std::string body = pattern(size_t{8} << 20);
  for (const char* framing : {"length", "chunked", "until_close"}) {
    std::string bytes = ok(body);
    if (framing == std::string("chunked"))
      bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked({body.substr(0, 3'000'000), body.substr(3'000'000)});
    if (framing == std::string("until_close")) bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body;
    Scene s([&](Wire& wire, int) {
      while (wire.read_request().whole && wire.send(bytes) && framing != std::string("until_close")) continue;
    });
    for (int i = 0; i < 2; ++i) {
      const Message answer = s.client.exchange(get());
      EXPECT_TRUE(answer.whole) << framing;
      EXPECT_TRUE(answer.body == body) << framing;
    }
    Wire old = s.gateway.dial();
    EXPECT_TRUE(old.exchange(kHttp10).body == body) << framing << " to HTTP/1.0";
    s.gateway.stop();
    EXPECT_EQ(s.gateway.log()[0]["bytes_out"], body.size()) << framing;
  }
}

TEST(Response, ALargeCutBodyIsSeenAsCut) {
  const std::string body = pattern(size_t{2} << 20);
  Scene s(once("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size() + 1) + "\r\n\r\n" + body));
  const Message answer = s.client.exchange(get());
  EXPECT_FALSE(answer.whole);
  EXPECT_TRUE(answer.body == body) << "all that came is passed on";
}

TEST(Response, ASlowReaderHoldsBackItsRegion) {
  for (const bool spliced : {true, false}) {
    std::atomic<size_t> sent{0};
    std::atomic<bool> stuck{false};
    constexpr size_t kBody = size_t{256} << 20;
    Upstream upstream([&](Wire& wire, int) {
      wire.read_request();
      wire.send(spliced ? "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n"
                        : "HTTP/1.1 200 OK\r\n\r\n");
      sent = wire.send_until_blocked(kBody, std::chrono::milliseconds(200));
      stuck = true;
    });
    Gateway gateway(listener("") + one_region(upstream));
    Wire client = Wire::dial(gateway.address(), 64 * 1024);
    ASSERT_TRUE(client.send(spliced ? get() : kHttp10));
    EXPECT_TRUE(comes_true([&] { return stuck.load(); }));
    EXPECT_LT(sent, size_t{64} << 20) << "sockets and a pipe hold some megabytes, the gateway next to nothing";
    client.read_until("\r\n\r\n");
    EXPECT_EQ(client.read_to_end().size(), sent) << "and what was held arrives";
  }
}

TEST(Response, AClientThatReadsNothingIsCutAfterItsTime) {
  Upstream upstream([](Wire& wire, int) {
    wire.read_request();
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    wire.send_until_blocked(1'000'000'000, std::chrono::seconds(5));
  });
  Gateway gateway(listener(", timeouts: {write: 100ms}") + one_region(upstream));
  Wire client = Wire::dial(gateway.address(), 16 * 1024);
  ASSERT_TRUE(client.send(get()));
  EXPECT_TRUE(comes_true(
      [&] { return gateway.cells().faults[static_cast<size_t>(base::FaultKind::client_write_timeout)].get() == 1; }));
  EXPECT_TRUE(comes_true([&] { return gateway.cells().connections.get() == 0; }));
}

TEST(Response, ARegionSlowWithItsHeadIsAGatewayTimeout) {
  Scene s([](Wire& wire, int) { wire.read_request(), wire.read_to_end(); }, "",
          "routes: [{name: a, timeouts: {response_head: 60ms}}]\n");
  EXPECT_EQ(s.client.exchange(get()).status(), 504);
}

TEST(Response, ARegionThatFallsSilentCutsTheAnswer) {
  Scene s(
      [](Wire& wire, int) {
        wire.read_request();
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        wire.read_to_end();
      },
      "", "routes: [{name: a, timeouts: {response_idle: 60ms}}]\n");
  const Message answer = s.client.exchange(get());
  EXPECT_EQ(answer.body, "half");
  EXPECT_FALSE(answer.whole);
}

TEST(Response, GeoHeadersAreToldWhenTheRouteSaysSo) {
  Scene s(Upstream::always(ok("")), "", "routes: [{name: a, match: {path: /geo}, geo_headers: true}, {name: b}]\n");
  EXPECT_EQ(s.client.exchange(get("/geo")).field("x-geo-region"), "home");
  EXPECT_EQ(s.client.exchange(get("/")).field("x-geo-region"), "");
}

const std::string kSticky =
    "sessions: {keys: [{id: 1, secret: \"0123456789abcdef0123456789abcdef\"}], cacheable: @}\n"
    "routes: [{name: geo, match: {path: /geo}, geo_headers: true}, {name: a, affinity: {key: cookie}}]\n";
std::string sticky(const std::string& cacheable) {
  std::string text = kSticky;
  return text.replace(text.find('@'), 1, cacheable);
}

TEST(Response, WhatASharedCacheMayStoreIsPrivateWhenItCarriesWhatIsOneClients) {
  Scene s(Upstream::always(ok("", "Cache-Control: public, max-age=9\r\nCDN-Cache-Control: max-age=99\r\n")), "",
          sticky("private"));
  const Message first = s.client.exchange(get());
  EXPECT_EQ(first.field("set-cookie").substr(0, 6), "rhumb=");
  EXPECT_EQ(first.field("cache-control"), "private, max-age=9");
  EXPECT_EQ(first.count("cdn-cache-control"), 0u);
  const std::string cookie = first.field("set-cookie").substr(0, first.field("set-cookie").find(';'));
  const Message bound = s.client.exchange(get("/", "Cookie: " + cookie + "\r\n"));
  EXPECT_EQ(bound.field("cache-control"), "public, max-age=9") << "nothing is added, so it stays as it was";
  EXPECT_EQ(bound.field("cdn-cache-control"), "max-age=99");
  const Message geo = s.client.exchange(get("/geo"));
  EXPECT_EQ(geo.field("x-geo-region"), "home");
  EXPECT_EQ(geo.field("cache-control"), "private, max-age=9");
}

TEST(Response, WhatASharedCacheMayStoreIsLeftAloneWhenToldTo) {
  Scene s(Upstream::always(ok("", "Cache-Control: public, max-age=9\r\n")), "", sticky("skip"));
  for (const char* path : {"/", "/geo"}) {
    const Message answer = s.client.exchange(get(path));
    EXPECT_EQ(answer.field("cache-control"), "public, max-age=9");
    EXPECT_EQ(answer.count("set-cookie") + answer.count("x-geo-region"), 0u);
  }
}

TEST(Response, WhatOnlyUpdatesAStoredResponseNeverCarriesWhatIsOneClients) {
  for (const char* cacheable : {"private", "skip"}) {
    Scene s(Upstream::each([](const Message& request) {
              return std::string(request.method() == "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                                                            : "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
            }),
            "", sticky(cacheable));
    for (const std::string& request : {get(), kHead, get("/geo")}) {
      const Message answer = s.client.exchange(request);
      EXPECT_EQ(answer.count("set-cookie") + answer.count("x-geo-region") + answer.count("cache-control"), 0u);
    }
  }
}

TEST(Response, AClientIsBoundToItsRegionByACookie) {
  Scene s(Upstream::always(ok("")), "",
          "sessions: {keys: [{id: 1, secret: \"0123456789abcdef0123456789abcdef\"}]}\n"
          "routes: [{name: a, affinity: {key: cookie}}]\n");
  const std::string cookie = s.client.exchange(get()).field("set-cookie");
  ASSERT_EQ(cookie.substr(0, 6), "rhumb=") << cookie;
  const std::string pair = cookie.substr(0, cookie.find(';'));
  EXPECT_EQ(s.client.exchange(get("/", "Cookie: " + pair + "\r\n")).field("set-cookie"), "") << "still good";
  EXPECT_NE(s.client.exchange(get("/", "Cookie: " + pair + "x\r\n")).field("set-cookie"), "") << "forged: a new one";
  s.gateway.stop();
  EXPECT_EQ(s.gateway.log()[1]["affinity"], "kept");
}

TEST(Response, ASlowReaderThatGoesOnReadingIsNotCut) {
  const std::string body(8 << 20, 'b');
  Upstream upstream(Upstream::always(ok(body)));
  Gateway gateway(listener(", timeouts: {write: 1s}") + one_region(upstream));
  Wire client = Wire::dial(gateway.address(), 64 * 1024);
  ASSERT_TRUE(client.send(get()));
  client.read_until("\r\n\r\n");
  size_t got = 0;
  // Some three limits long, far slower than the kernel's buffers announce that they have room again. The pause waits
  // for nothing: it is the slow reader.
  for (int i = 0; i < 150; ++i) {
    got += client.read(4096).size();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  got += client.read(body.size() - got).size();
  EXPECT_EQ(got, body.size());
}

TEST(Response, AResetBehindTheFirstBytesOfALargeOneIsHeard) {
  for (int i = 0; i < 10; ++i) {
    Scene s([](Wire& wire, int) {
      wire.read_request();
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(20'000, 'x'));
      wire.reset();
    });
    ASSERT_TRUE(s.client.send(get()));
    s.client.read_until("\r\n\r\n");
    EXPECT_LT(s.client.read_to_end().size(), 1'000'000u);
    EXPECT_TRUE(s.client.clean() || s.client.broken());
  }
}

TEST(Response, LargeOnesLeaveTheirConnectionFitForTheNext) {
  const std::string body(400'000, 'b');
  Scene s(Upstream::always(ok(body)));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(s.client.exchange(get()).body.size(), body.size());
  EXPECT_EQ(s.upstream.connections(), 1);
}

// A close while requests of a pipeline lie unread makes the kernel reset the connection, and a reset destroys what the
// client has not read yet.
TEST(Response, ACutAnswerDoesNotTakeTheAnswersBeforeItAlong) {
  const std::string whole = ok(std::string(100'000, 'w'));  // the kernel takes it all
  Scene s([&](Wire& wire, int) {
    for (testing::Message request = wire.read_request(); request.whole; request = wire.read_request()) {
      if (request.target() != "/cut") {
        wire.send(whole);
        continue;
      }
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
      return;
    }
  });
  std::string unread;  // more than fits the gateway's buffer, so that some stays in the socket
  for (int i = 0; i < 3000; ++i) unread += get("/never");
  Wire client = Wire::dial(s.gateway.address(), 64 * 1024);
  ASSERT_TRUE(client.send(get("/whole") + get("/cut") + unread));
  EXPECT_TRUE(
      comes_true([&] { return s.gateway.cells().requests.get() == 2 && s.gateway.cells().exchanges.get() == 0; }));
  EXPECT_EQ(client.read_response().body.size(), 100'000u);
  const Message cut = client.read_response();
  EXPECT_EQ(cut.body, "half");
  EXPECT_FALSE(cut.whole);
  EXPECT_TRUE(client.clean()) << "seen by its length";
}

}  // namespace
}  // namespace rhumb::proxy
