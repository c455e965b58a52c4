// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::chunked;
using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::nobody;
using testing::one_region;
using testing::Upstream;
using testing::Wire;

const auto kEchoTarget = Upstream::each([](const Message& request) { return testing::ok(request.target()); });

TEST(Exchange, TheCanonicalPathIsWhatIsSent) {
  Upstream upstream(kEchoTarget);
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get("/a/./b/../c")).body, "/a/c");
  EXPECT_EQ(client.exchange(get("/%7euser/%41?q=%7e/../x")).body, "/~user/A?q=%7e/../x") << "the query stays as it is";
  EXPECT_EQ(client.exchange(get("http://example.com/abs?x")).body, "/abs?x");
  EXPECT_EQ(client.exchange(get("/?")).body, "/?");
  EXPECT_EQ(client.exchange(get("/../etc/passwd")).status(), 400);
}

TEST(Exchange, RoutingSeesTheCanonicalPathToo) {
  Upstream upstream(kEchoTarget);
  Gateway gateway(listener("") + one_region(upstream) +
                  "routes:\n"
                  "  - {name: private, match: {path_prefix: /private/}, filters: [{methods: {allow: [POST]}}]}\n"
                  "  - {name: rest}\n");
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get("/private/x")).status(), 405);
  EXPECT_EQ(client.exchange(get("/public/../private/x")).status(), 405);
  EXPECT_EQ(client.exchange(get("/%70rivate/x")).status(), 405);
  EXPECT_EQ(client.exchange(get("/public/x")).status(), 200);
}

TEST(Exchange, AKnownHostWithoutARouteIs404AndAForeignOne421) {
  Upstream upstream(kEchoTarget);
  Gateway gateway(listener("") + one_region(upstream) +
                  "routes: [{name: a, match: {host: example.com, path_prefix: /a/}}]\n");
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get("/a/x")).status(), 200);
  EXPECT_EQ(client.exchange(get("/b/x")).status(), 404);
  EXPECT_EQ(client.exchange("GET /a/x HTTP/1.1\r\nHost: other.example\r\n\r\n").status(), 421);
  EXPECT_EQ(client.exchange("GET /a/x HTTP/1.1\r\nHost: EXAMPLE.com:8080\r\n\r\n").status(), 200);
}

TEST(Exchange, OptionsWithoutForwardsLeftIsAnsweredHere) {
  Upstream upstream(Upstream::each([](const Message& request) { return testing::ok(request.field("max-forwards")); }));
  Gateway gateway(listener("") + one_region(upstream));
  Wire client = gateway.dial();
  const std::string options = "OPTIONS * HTTP/1.1\r\nHost: example.com\r\n";
  EXPECT_EQ(client.exchange(options + "Max-Forwards: 0\r\n\r\n").status(), 200);
  EXPECT_EQ(upstream.connections(), 0);
  EXPECT_EQ(client.exchange(options + "Max-Forwards: 3\r\n\r\n").body, "2");
  EXPECT_EQ(client.exchange(options + "\r\n").body, "");
  EXPECT_EQ(client.exchange(get("/", "Max-Forwards: 0\r\n")).body, "0") << "not of a GET";
  EXPECT_EQ(client.exchange(options + "Max-Forwards: x\r\n\r\n").status(), 400);
}

TEST(Exchange, ADeclaredBodyBeyondTheLimitIsRefusedBeforeItIsSent) {
  Upstream upstream(kEchoTarget);
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: a, limits: {body: 1KiB}}]\n");
  Wire client = gateway.dial();
  const Message answer = client.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1025\r\n\r\n");
  EXPECT_EQ(answer.status(), 413);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(upstream.connections(), 0);
  Wire fits = gateway.dial();
  EXPECT_EQ(
      fits.exchange("POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1024\r\n\r\n" + std::string(1024, 'x'))
          .status(),
      200);
}

TEST(Exchange, AChunkedBodyBeyondTheLimitIsRefusedWhereItPassesIt) {
  std::atomic<bool> whole{false};
  Upstream upstream([&](Wire& wire, int) { whole = wire.read_request().whole; });
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: a, limits: {body: 1KiB}}]\n");
  Wire client = gateway.dial();
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" +
                          std::string(1024, 'x') + "\r\n"));
  ASSERT_TRUE(client.send("1\r\nx\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_response().status(), 413);
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(whole) << "the region must not take it for a complete request";
}

TEST(Exchange, WithoutAHealthyRegionItSaysSoAndWhenToComeBack) {
  Upstream upstream(kEchoTarget);
  Gateway gateway(listener("") + one_region(upstream));
  World down = gateway.make_world(listener("") + one_region(upstream));
  auto states = std::make_shared<decision::RegionStates>(*down.states);
  set_down(states->of[0], true);
  down.states = std::move(states);
  gateway.worker().install(std::move(down));
  ASSERT_TRUE(testing::comes_true([&] { return gateway.cells().generation.get() == 2; }));
  Wire client = gateway.dial();
  const Message answer = client.exchange(get());
  EXPECT_EQ(answer.status(), 503);
  EXPECT_NE(answer.field("retry-after"), "");
  EXPECT_NE(answer.body.find("no healthy region"), std::string::npos) << answer.body;
  EXPECT_EQ(upstream.connections(), 0);
}

TEST(Exchange, RegionStatesAloneAreSwappedUnderARunningConfiguration) {
  Upstream eu(Upstream::always(testing::ok("eu"))), us(Upstream::always(testing::ok("us")));
  const std::string text = listener("") + "regions:\n  - {name: eu, priority: 1, endpoints: [\"" +
                           eu.address().to_string() + "\"]}\n  - {name: us, priority: 2, endpoints: [\"" +
                           us.address().to_string() + "\"]}\nroutes: [{name: a, strategy: priority}]\n";
  Gateway gateway(text);
  World world = gateway.make_world(text);
  gateway.worker().install(world);
  Wire client = gateway.dial();
  EXPECT_EQ(client.exchange(get()).body, "eu");
  auto states = std::make_shared<decision::RegionStates>(*world.states);
  states->of[0].healthy = false;
  world.states = std::move(states);
  gateway.worker().install(world);
  world = {};
  EXPECT_TRUE(testing::comes_true([&] { return client.exchange(get()).body == "us"; }));
}

TEST(Exchange, APathOnlyOfAFenceIsNeverLeft) {
  Upstream eu(Upstream::always(testing::ok("eu")));
  // Bound to eu by its country, and eu does not answer: no other region may take it.
  Gateway gateway(listener("") + "regions:\n  - {name: eu, endpoints: [\"" + nobody().to_string() +
                  "\"]}\n  - {name: us, endpoints: [\"" + eu.address().to_string() +
                  "\"]}\nfence: [{countries: [DE], regions: [eu]}]\n"
                  "geo: {trusted_proxies: [127.0.0.1/32], country_header: x-country}\n"
                  "routes: [{name: a, strategy: weighted, retry: {tries: 5}}]\n");
  Wire client = gateway.dial();
  for (int i = 0; i < 5; ++i) EXPECT_GE(client.exchange(get("/", "X-Country: DE\r\n")).status(), 500);
  EXPECT_EQ(eu.connections(), 0);
  EXPECT_EQ(client.exchange(get("/", "X-Country: FR\r\n")).body, "eu") << "others may go anywhere";
}

TEST(Exchange, ALogLineSaysAllOfARequest) {
  Upstream upstream(Upstream::always(testing::ok("hello")));
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: api}]\n");
  Wire client = gateway.dial();
  const std::string post = "POST /a%20\"b?q HTTP/1.1\r\nHost: Example.com:80\r\nContent-Length: 3\r\n\r\nabc";
  ASSERT_EQ(client.exchange(post).status(), 200);
  ASSERT_EQ(client.exchange(get()).status(), 200);
  gateway.stop();
  const auto lines = gateway.log();
  ASSERT_EQ(lines.size(), 2u);
  const auto& line = lines[0];
  for (const char* key : {"time",    "id",       "client",    "peer",        "method",   "host",     "path",  "status",
                          "route",   "region",   "endpoint",  "runner_up",   "reason",   "affinity", "terms", "geo",
                          "retries", "bytes_in", "bytes_out", "upstream_ms", "total_ms", "own_us",   "flags"})
    EXPECT_TRUE(line.contains(key)) << key;
  EXPECT_FALSE(line["id"].get<std::string>().empty());
  EXPECT_EQ(line["client"], "127.0.0.1");
  EXPECT_EQ(line["peer"], "127.0.0.1");
  EXPECT_EQ(line["method"], "POST");
  EXPECT_EQ(line["host"], "example.com");
  EXPECT_EQ(line["path"], "/a%20\"b");
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["route"], "api");
  EXPECT_EQ(line["region"], "home");
  EXPECT_EQ(line["endpoint"], upstream.address().to_string());
  EXPECT_EQ(line["reason"], "only_candidate");
  EXPECT_TRUE(line["terms"]["home"].contains("score"));
  EXPECT_TRUE(line["terms"]["home"].contains("distance"));
  EXPECT_EQ(line["retries"], 0);
  EXPECT_EQ(line["bytes_in"], 3);
  EXPECT_EQ(line["bytes_out"], 5);
  EXPECT_GE(line["total_ms"].get<double>(), line["upstream_ms"].get<double>());
  EXPECT_FALSE(line["flags"].contains("reused"));
  EXPECT_EQ(lines[1]["flags"]["reused"], true);
  EXPECT_NE(lines[1]["id"], line["id"]);
}

TEST(Exchange, WhatWasRefusedUnreadCanBeFoundInTheLog) {
  Upstream upstream(Upstream::always(testing::ok("hello")));
  Gateway gateway(listener("") + one_region(upstream));
  const Message answer = gateway.dial().exchange("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  EXPECT_EQ(answer.status(), 400);
  gateway.stop();
  const auto lines = gateway.log();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["id"], answer.field("x-request-id"));
  EXPECT_EQ(lines[0]["id"].get<std::string>().size(), 32u);
  EXPECT_NE(lines[0]["flags"]["detail"].get<std::string>().find("Host"), std::string::npos) << lines[0];
}

TEST(Exchange, CountsWhatItDid) {
  Upstream upstream(Upstream::always(testing::ok("hello")));
  Gateway gateway(listener("") + one_region(upstream) + "routes: [{name: api, match: {host: example.com}}]\n");
  Wire client = gateway.dial();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.exchange(get()).status(), 200);
  EXPECT_EQ(client.exchange("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n").status(), 421);
  gateway.stop();
  EXPECT_EQ(gateway.registry().route("api", "home")[0]->responses[2].get(), 3u);
  EXPECT_EQ(gateway.registry().route("api", "home")[0]->bytes_out.get(), 15u);
  EXPECT_EQ(gateway.meters().of("home")[0]->requests.get(), 3u);
  EXPECT_EQ(gateway.meters().of("home")[0]->connects.get(), 1u);
  EXPECT_EQ(gateway.meters().of("home")[0]->reused.get(), 2u);
  EXPECT_EQ(gateway.meters().of("home")[0]->in_flight.get(), 0u);
  EXPECT_EQ(gateway.cells().requests.get(), 4u);
  EXPECT_EQ(gateway.cells().exchanges.get(), 0u);
  EXPECT_EQ(gateway.cells().connections.get(), 0u);
  EXPECT_EQ(gateway.cells().accepted.get(), 1u);
  EXPECT_EQ(gateway.cells().faults[static_cast<size_t>(base::FaultKind::misdirected)].get(), 1u);
}

}  // namespace
}  // namespace rhumb::proxy
