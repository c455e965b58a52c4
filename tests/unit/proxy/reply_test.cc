// SPDX-License-Identifier: Apache-2.0
// Answers of the gateway's own.
#include <gtest/gtest.h>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::nobody;
using testing::ok;
using testing::one_region;
using testing::Scene;
using testing::Upstream;
using testing::Wire;

const std::string kRoutes = "routes: [{name: a, match: {host: example.com, path_prefix: /here/}}]\n";

TEST(Reply, AnErrorSaysItsCodeASentenceAndTheRequestsName) {
  Scene s(Upstream::always(ok("")), "", kRoutes);
  const Message answer = s.client.exchange(get("/elsewhere"));
  EXPECT_EQ(answer.start, "HTTP/1.1 404 Not Found");
  EXPECT_EQ(answer.field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.body.substr(0, 4), "404 ");
  EXPECT_NE(answer.body.find("no route matches"), std::string::npos) << answer.body;
  const std::string id = answer.field("x-request-id");
  EXPECT_GE(id.size(), 8u);
  EXPECT_NE(answer.body.find("request " + id), std::string::npos) << answer.body;
  EXPECT_NE(answer.field("date"), "");
  s.gateway.stop();
  EXPECT_EQ(s.gateway.log()[0]["id"], id) << "the log knows it by the same name";
}

TEST(Reply, S32_NothingOfTheInsideIsTold) {
  Gateway gateway(listener("") + one_region({nobody()}));
  Wire client = gateway.dial();
  const Message answer = client.exchange(get());
  EXPECT_GE(answer.status(), 502);
  EXPECT_EQ((answer.head + answer.body).find("127.0.0.1"), std::string::npos) << answer.head << answer.body;
}

TEST(Reply, TheConnectionGoesOnAfterOne) {
  Scene s(Upstream::always(ok("fine")), "", kRoutes);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(s.client.exchange(get("/elsewhere")).status(), 404);
    EXPECT_EQ(s.client.exchange(get("/here/")).body, "fine");
  }
}

TEST(Reply, ManyInARowOfAPipelineComeInOrder) {
  Scene s(Upstream::always(ok("fine")), "", kRoutes);
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += get("/elsewhere");
  ASSERT_TRUE(s.client.send(requests + get("/here/")));
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(s.client.read_response().status(), 404);
  EXPECT_EQ(s.client.read_response().body, "fine");
}

TEST(Reply, AHeadGetsNoBody) {
  Scene s(Upstream::always(ok("fine")), "", kRoutes);
  const Message answer = s.client.exchange("HEAD /elsewhere HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_EQ(answer.status(), 404);
  EXPECT_NE(answer.field("content-length"), "0");
  EXPECT_EQ(s.client.exchange(get("/here/")).body, "fine") << "nothing lies between the answers";
}

TEST(Reply, ABodyNobodyReadEndsTheConnection) {
  Scene s(Upstream::always(ok("fine")), "", kRoutes);
  const Message answer = s.client.exchange(
      "POST /elsewhere HTTP/1.1\r\nHost: example.com\r\nContent-Length: 26\r\n\r\nGET /here/ HTTP/1.1\r\nX: y\r\n");
  EXPECT_EQ(answer.status(), 404);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(s.client.ended()) << "its bytes are no request";
}

TEST(Reply, AnHttp10ClientIsToldWhetherItsConnectionGoesOn) {
  Scene s(Upstream::always(ok("fine")), "", kRoutes);
  const std::string request = "GET /elsewhere HTTP/1.0\r\nHost: example.com\r\n";
  EXPECT_EQ(s.client.exchange(request + "Connection: keep-alive\r\n\r\n").field("connection"), "keep-alive");
  EXPECT_EQ(s.client.exchange(request + "\r\n").field("connection"), "close");
  EXPECT_TRUE(s.client.ended());
}

TEST(Reply, ARedirectTellsTheNewPlace) {
  Scene s(Upstream::always(ok("fine")), "",
          "routes: [{name: old, match: {path_prefix: /old/}, filters: [{redirect: {to: \"https://%{host}/new%{path}\", "
          "status: 308}}]}, {name: rest}]\n");
  const Message answer = s.client.exchange(get("/old/x"));
  EXPECT_EQ(answer.status(), 308);
  EXPECT_EQ(answer.field("location"), "https://example.com/new/old/x");
  EXPECT_EQ(s.client.exchange(get("/other")).body, "fine");
}

TEST(Reply, AMethodThatIsNotAllowedLearnsWhichAre) {
  Scene s(Upstream::always(ok("fine")), "", "routes: [{name: a, filters: [{methods: {allow: [GET, HEAD]}}]}]\n");
  const Message answer = s.client.exchange("DELETE / HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_EQ(answer.status(), 405);
  EXPECT_EQ(answer.field("allow"), "GET, HEAD");
}

TEST(Reply, TraceAndConnectAreRefused) {
  Scene s(Upstream::always(ok("fine")));
  EXPECT_EQ(s.client.exchange("TRACE / HTTP/1.1\r\nHost: example.com\r\n\r\n").status(), 501);
  Wire other = s.gateway.dial();
  EXPECT_EQ(other.exchange("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n").status(), 501);
  EXPECT_EQ(s.upstream.connections(), 0);
}

}  // namespace
}  // namespace rhumb::proxy
