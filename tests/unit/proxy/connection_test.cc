// SPDX-License-Identifier: Apache-2.0
#include "proxy/connection.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::chunked;
using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::one_region;
using testing::Upstream;
using testing::Wire;

/// Answers with what was asked for.
const auto kEcho = Upstream::each(
    [](const Message& request) { return testing::ok(request.method() + " " + request.target() + " " + request.body); });

TEST(Connection, PipelinedRequestsAreAnsweredInOrder) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += get("/" + std::to_string(i));
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.read_response().body, "GET /" + std::to_string(i) + " ");
}

TEST(Connection, PipelinedRequestsLargerThanTheBufferLoseNothing) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += get("/" + std::to_string(i), "X-Long: " + std::string(1500, 'x') + "\r\n");
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 40; ++i) ASSERT_EQ(client.read_response().body, "GET /" + std::to_string(i) + " ");
}

TEST(Connection, Http11IsKeptUnlessToldOtherwise) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  for (int i = 0; i < 3; ++i) {
    const Message answer = client.exchange(get());
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.field("connection"), "");
  }
  EXPECT_EQ(client.exchange(get("/", "Connection: close\r\n")).field("connection"), "close");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(client.clean());
}

TEST(Connection, Http10IsClosedUnlessToldOtherwise) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const std::string keep = "GET / HTTP/1.0\r\nHost: example.com\r\nConnection: keep-alive\r\n\r\n";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.exchange(keep).field("connection"), "keep-alive");
  EXPECT_EQ(client.exchange("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n").field("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST(Connection, ABadRequestIsAnsweredAndEndsIt) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const Message answer = client.exchange("GET / HTTP/1.1\r\nHost : example.com\r\n\r\n" + get("/never"));
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(client.ended()) << "nothing behind it is read as a request";
  EXPECT_EQ(upstream.connections(), 0);
}

TEST(Connection, ABadRequestBehindAGoodOneDoesNotHurtIt) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send(get("/good") + "\x01\x02\x03\r\n\r\n"));
  EXPECT_EQ(client.read_response().body, "GET /good ");
  EXPECT_EQ(client.read_response().status(), 400);
  EXPECT_TRUE(client.ended());
}

TEST(Connection, AClientStillSendingGetsToReadItsRefusal) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("BAD / HTTP/9.9\r\n"));
  // The gateway has answered by now, or not; what comes after must not turn the answer into a reset.
  for (int i = 0; i < 20; ++i) (void)client.send(std::string(10'000, 'x'));
  EXPECT_EQ(client.read_response().status(), 505);
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(client.clean());
}

TEST(Connection, ASlowHeadGets408) {
  Upstream upstream(kEcho);
  Gateway gateway(listener(", timeouts: {request_head: 60ms}") + one_region(upstream));
  Wire client = gateway.dial();
  const Message answer = client.exchange("GET / HTTP/1.1\r\nHost: exam");
  EXPECT_EQ(answer.status(), 408);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST(Connection, AHeadThatDripsIsNotSavedByItsDrops) {
  Upstream upstream(kEcho);
  Gateway gateway(listener(", timeouts: {request_head: 100ms}") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nX: "));
  while (client.silent_for(std::chrono::milliseconds(10))) ASSERT_TRUE(client.send("x"));
  EXPECT_EQ(client.read_response().status(), 408);
}

TEST(Connection, AClientThatSaysNothingIsClosedWithoutAWord) {
  Upstream upstream(kEcho);
  Gateway gateway(listener(", timeouts: {request_head: 60ms}") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_TRUE(client.ended());
  gateway.stop();
  EXPECT_TRUE(gateway.log().empty()) << "it was no request";
}

TEST(Connection, AnIdleOneIsClosedAfterItsTime) {
  Upstream upstream(kEcho);
  Gateway gateway(listener(", timeouts: {keep_alive: 60ms}") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).status(), 200);
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(client.clean());
}

TEST(Connection, ServesSoManyRequestsAndNoMore) {
  Upstream upstream(kEcho);
  Gateway gateway(listener(", max_requests: 2") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send(get("/1") + get("/2") + get("/3")));
  EXPECT_EQ(client.read_response().field("connection"), "");
  EXPECT_EQ(client.read_response().field("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST(Connection, UnderStrainConnectionsEndThenRequestsAreRefused) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial(), other = gateway.dial();
  EXPECT_EQ(client.exchange(get()).field("connection"), "");
  EXPECT_EQ(other.exchange(get()).field("connection"), "");
  gateway.registry().set_strain(base::Strain::keep_alive);
  const Message last = client.exchange(get());
  EXPECT_EQ(last.status(), 200);
  EXPECT_EQ(last.field("connection"), "close");
  EXPECT_TRUE(client.ended());
  gateway.registry().set_strain(base::Strain::requests);
  const Message refused = other.exchange(get());
  EXPECT_EQ(refused.status(), 503);
  EXPECT_EQ(refused.field("connection"), "close");
  gateway.registry().set_strain(base::Strain::none);
  EXPECT_EQ(gateway.dial().exchange(get()).status(), 200);
}

TEST(Connection, WhatFollowsAChunkedBodyIsTheNextRequest) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const std::string post = "POST /1 HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(client.send(post + chunked({"abc", "de"}) + get("/2")));
  EXPECT_EQ(client.read_response().body, "POST /1 abcde");
  EXPECT_EQ(client.read_response().body, "GET /2 ");
}

TEST(Connection, ARequestBehindALargeChunkedBodyKeepsItsOwnBody) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  // Head and bodies in one piece, more than the input buffer holds: part of the second request is read along with the
  // first.
  const std::string first(40'000, 'a');
  std::string second;
  for (int i = 0; second.size() < 60'000; ++i) second += std::to_string(i) + ",";
  ASSERT_TRUE(client.send("POST /1 HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n" +
                          chunked({first}) + "POST /2 HTTP/1.1\r\nHost: example.com\r\nContent-Length: " +
                          std::to_string(second.size()) + "\r\n\r\n" + second + get("/3")));
  EXPECT_EQ(client.read_response().body, "POST /1 " + first);
  EXPECT_EQ(client.read_response().body, "POST /2 " + second);
  EXPECT_EQ(client.read_response().body, "GET /3 ");
}

TEST(Connection, ARequestSplitAroundTheEndOfAChunkedBodyIsPutTogetherInOrder) {
  std::atomic<bool> answer{false};
  std::atomic<int> requests{0};
  Upstream upstream(Upstream::each([&](const Message& request) {
    ++requests;
    EXPECT_TRUE(testing::comes_true([&] { return answer.load(); }));
    return testing::ok(request.target());
  }));
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  // More than the input buffer, so that the first half of the next request is read behind the body ...
  ASSERT_TRUE(client.send("POST /1 HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n" +
                          chunked({std::string(40'000, 'a')}) + "GET /2 HTTP/1.1\r\nHo"));
  EXPECT_TRUE(testing::comes_true([&] { return requests == 1; }));
  // ... and the second half while the first answer is awaited.
  ASSERT_TRUE(client.send("st: example.com\r\n\r\n"));
  EXPECT_TRUE(client.silent_for(std::chrono::milliseconds(30)));
  answer = true;
  EXPECT_EQ(client.read_response().body, "/1");
  const Message second = client.read_response();
  EXPECT_EQ(second.status(), 200);
  EXPECT_EQ(second.body, "/2");
}

TEST(Connection, AClientThatEndedItsSideStillGetsAllItsAnswers) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send(get("/1") + get("/2") + get("/3")));
  client.finish();
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(client.read_response().body, "GET /" + std::to_string(i) + " ");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(client.clean());
}

TEST(Connection, AnEndInTheMiddleOfAHeadEndsItQuietly) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send(get("/1") + "GET /2 HTTP/1.1\r\nHos"));
  client.finish();
  EXPECT_EQ(client.read_response().body, "GET /1 ");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(testing::comes_true([&] { return gateway.cells().connections.get() == 0; }));
}

TEST(Connection, AHeadLargerThanABlockIsTakenWhenItsLimitAllows) {
  Upstream upstream(Upstream::each([](const Message& request) { return testing::ok(request.field("x-long")); }));
  Gateway gateway(listener(", limits: {head: 64KiB}") + one_region(upstream));
  Wire client = gateway.dial();
  const std::string value(50'000, 'v');
  EXPECT_EQ(client.exchange(get("/", "X-Long: " + value + "\r\n")).body, value);
  EXPECT_EQ(client.exchange(get("/", "X-Long: short\r\n")).body, "short") << "and the next one is none the worse";
}

TEST(Connection, AHeadBeyondItsLimitGets431) {
  Upstream upstream(kEcho);
  Gateway gateway(listener(", limits: {head: 4KiB}") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get("/", "X-Long: " + std::string(5'000, 'v') + "\r\n")).status(), 431);
  EXPECT_TRUE(client.ended());
}

TEST(Connection, ManyRequestsOfOneClientDoNotHoldUpAnother) {
  Upstream upstream(kEcho);
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: a, match: {host: example.com}}]\n");
  Wire other = gateway.dial();
  EXPECT_EQ(other.exchange(get("/1")).status(), 200);
  constexpr uint64_t kMany = 9'000;
  std::string pipeline;
  for (uint64_t i = 0; i < kMany; ++i) pipeline += "GET / HTTP/1.1\r\nHost: x.y\r\n\r\n";
  Wire greedy = gateway.dial();
  ASSERT_TRUE(greedy.send(pipeline));
  EXPECT_EQ(other.exchange(get("/2")).status(), 200);
  EXPECT_LT(gateway.cells().requests.get(), kMany);
  for (uint64_t i = 0; i < kMany; ++i) ASSERT_EQ(greedy.read_response().status(), 421) << i;
}

}  // namespace
}  // namespace rhumb::proxy
