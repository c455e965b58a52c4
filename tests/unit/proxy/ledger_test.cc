// SPDX-License-Identifier: Apache-2.0
// The ledger: however a request ends, it ends once, is counted once and stands in the access log once, with the same
// outcome.
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using base::FaultKind;
using base::Outcome;
using testing::chunked;
using testing::comes_true;
using testing::get;
using testing::ok;
using testing::Scene;
using testing::Upstream;
using testing::Wire;

struct Way {
  const char* name;
  Upstream::Script region;
  std::function<void(Scene&)> client;
  int answered;                  // requests of this way that are
  std::optional<FaultKind> cut;  // what cuts the one that is not
  std::string listener = "", more = "";
};

const std::string kPost = "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 10\r\n\r\n";
const std::string kChunkedPost = "POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kAsk = get("/chat",
                             "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
const std::string kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const std::string kShort = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf";

/// Reads the head of a request, says this, and then waits until the gateway hangs up.
Upstream::Script says(std::string text) {
  return [text = std::move(text)](Wire& wire, int) {
    wire.read_until("\r\n\r\n");
    wire.send(text);
    wire.read_to_end();
  };
}
/// The same, but hangs up itself.
Upstream::Script says_and_goes(std::string text) {
  return [text = std::move(text)](Wire& wire, int) {
    wire.read_request();
    wire.send(text);
  };
}
std::function<void(Scene&)> asks(std::string request) {
  return [request = std::move(request)](Scene& s) {
    EXPECT_TRUE(s.client.send(request));
    s.client.read_response();
  };
}
/// Sends this, waits for the mark in what comes back (if any), and breaks the connection.
std::function<void(Scene&)> resets(std::string request, std::string after) {
  return [=](Scene& s) {
    EXPECT_TRUE(s.client.send(request));
    if (after.empty()) {
      EXPECT_TRUE(comes_true([&] { return s.upstream.connections() != 0 && s.gateway.cells().exchanges.get() == 1; }));
    } else {
      s.client.read_until(after);
    }
    s.client.reset();
  };
}
/// Sends this and reads nothing at all.
std::function<void(Scene&)> reads_nothing(std::string request) {
  return [=](Scene& s) {
    s.client = Wire::dial(s.gateway.address(), 4096);
    EXPECT_TRUE(s.client.send(request));
  };
}
std::string route(const std::string& timeouts) { return "routes: [{name: a, timeouts: {" + timeouts + "}}]\n"; }

std::vector<Way> answered_ways() {
  const std::string quick = ", timeouts: {request_head: 100ms, request_body: 100ms}";
  return {
      {"by the region", Upstream::always(ok("fine")), asks(get()), 1, {}},
      {"a HEAD",
       says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
       [](Scene& s) { s.client.exchange("HEAD / HTTP/1.1\r\nHost: example.com\r\n\r\n"); },
       1,
       {}},
      {"several on one connection",
       Upstream::always(ok("fine")),
       [](Scene& s) {
         EXPECT_TRUE(s.client.send(get() + get() + get()));
         for (int i = 0; i < 3; ++i) EXPECT_EQ(s.client.read_response().status(), 200);
       },
       3,
       {}},
      {"until the region closes", says_and_goes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall"), asks(get()), 1, {}},
      {"a head that cannot be read", Upstream::always(ok("")), asks("bad\r\n\r\n"), 1, {}},
      {"a head that does not come", Upstream::always(ok("")), asks("GET / HT"), 1, {}, quick},
      {"a body that does not come", says(""), asks(kPost), 1, {}, quick},
      {"no route", Upstream::always(ok("")), asks(get("/x")), 1, {}, "", "routes: [{name: a, match: {path: /y}}]\n"},
      {"a region without a word", says_and_goes(""), asks(get()), 1, {}},
      {"a region that talks nonsense", says("nonsense\r\n\r\n"), asks(get()), 1, {}},
      {"a region that takes too long", says(""), asks(get()), 1, {}, "", route("response_head: 60ms")},
      {"a tunnel both sides end",
       [](Wire& wire, int) {
         wire.read_request();
         wire.send(kSwitching);
         wire.read_to_end();
       },
       [](Scene& s) {
         EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
         s.client.finish();
         EXPECT_TRUE(s.client.ended());
       },
       1,
       {}},
      {"the gateway stops before the answer",
       says(""),
       [](Scene& s) {
         EXPECT_TRUE(s.client.send(get()));
         EXPECT_TRUE(comes_true([&] { return s.upstream.connections() != 0; }));
         s.gateway.stop();
       },
       1,
       {}},
  };
}

std::vector<Way> client_ways() {
  const std::string large = ok(std::string(16 << 20, 'x'));
  const std::string quick = ", timeouts: {request_body: 100ms, write: 100ms}";
  return {
      {"the client leaves while the region thinks", says(""), resets(get(), ""), 0, FaultKind::client_gone},
      {"the client leaves in its body", says(""), resets(kPost + "half", ""), 0, FaultKind::client_gone},
      {"the client ends in its body", says(""),
       [](Scene& s) {
         EXPECT_TRUE(s.client.send(kPost + "half"));
         s.client.finish();
         EXPECT_TRUE(s.client.ended());
       },
       0, FaultKind::client_gone},
      {"the client leaves in the answer", says(large), resets(get(), "xxx"), 0, FaultKind::client_gone},
      {"the client reads nothing", says(large), reads_nothing(get()), 0, FaultKind::client_write_timeout, quick},
      {"the client owes its body after the answer began", says(kShort), resets(kPost, "half"), 0,
       FaultKind::client_gone},
      {"the client's body stalls after the answer began", says(kShort), asks(kPost), 0, FaultKind::client_body_timeout,
       quick},
      {"the client breaks a tunnel", says(kSwitching), resets(kAsk, "\r\n\r\n"), 0, FaultKind::client_gone},
      {"the first is answered, the second not", Upstream::each([](const testing::Message&) { return ok("one"); }),
       [](Scene& s) {
         EXPECT_EQ(s.client.exchange(get()).body, "one");
         resets(kPost + "half", "")(s);
       },
       1, FaultKind::client_gone},
  };
}

std::vector<Way> aborted_ways() {
  const std::string half_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf";
  return {
      {"the region's answer is short", says_and_goes(kShort), asks(get()), 0, FaultKind::upstream_truncated},
      {"its last chunk is missing", says_and_goes(half_chunk), asks(get()), 0, FaultKind::upstream_truncated},
      {"its chunks are nonsense", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), asks(get()), 0,
       FaultKind::upstream_malformed},
      {"it stops in its answer", says(kShort), asks(get()), 0, FaultKind::upstream_idle_timeout, "",
       route("response_idle: 60ms")},
      {"it resets in its answer",
       [](Wire& wire, int) {
         wire.read_request();
         wire.send(kShort);
         wire.reset();
       },
       asks(get()), 0, FaultKind::upstream_truncated},
      {"the request turns out malformed when the answer has begun", says(kShort),
       [](Scene& s) {
         EXPECT_TRUE(s.client.send(kChunkedPost + "3\r\nabc\r\n"));
         s.client.read_until("half");
         EXPECT_TRUE(s.client.send("zz\r\n"));
         EXPECT_TRUE(s.client.ended());
       },
       0, FaultKind::bad_request},
      {"a tunnel falls silent", says(kSwitching),
       [](Scene& s) {
         EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
         EXPECT_TRUE(s.client.ended());
       },
       0, FaultKind::upstream_idle_timeout, "", route("tunnel: 60ms")},
      {"the region breaks a tunnel",
       [](Wire& wire, int) {
         wire.read_request();
         wire.send(kSwitching);
         wire.read(4);
         wire.reset();
       },
       [](Scene& s) {
         EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
         EXPECT_TRUE(s.client.send("ping"));
         EXPECT_TRUE(s.client.ended());
       },
       0, FaultKind::upstream_reset},
      {"the gateway stops in the answer", says(kShort),
       [](Scene& s) {
         EXPECT_TRUE(s.client.send(get()));
         s.client.read_until("half");
         s.gateway.stop();
       },
       0, FaultKind::shutting_down},
      {"the gateway stops in a tunnel", says(kSwitching),
       [](Scene& s) {
         EXPECT_EQ(s.client.exchange(kAsk).status(), 101);
         s.gateway.stop();
       },
       0, FaultKind::shutting_down},
  };
}

/// What the log says ended: outcome, and what cut it.
std::multiset<std::pair<std::string, std::string>> logged(Scene& s) {
  std::multiset<std::pair<std::string, std::string>> out;
  for (const auto& line : s.gateway.log()) out.emplace(line["outcome"], line["flags"].value("cut", ""));
  return out;
}

void goes(const Way& way) {
  SCOPED_TRACE(way.name);
  Scene s(way.region, way.listener, way.more);
  way.client(s);
  const uint64_t expected = static_cast<uint64_t>(way.answered) + (way.cut ? 1 : 0);
  admin::WorkerCells& cells = s.gateway.cells();
  ASSERT_TRUE(comes_true([&] { return cells.requests.get() == expected && cells.exchanges.get() == 0; }))
      << cells.requests.get() << " begun, " << cells.exchanges.get() << " alive";
  EXPECT_EQ(cells.answered.get(), static_cast<uint64_t>(way.answered));
  uint64_t cut = 0;
  for (const base::Cell& cell : cells.cut) cut += cell.get();
  EXPECT_EQ(cells.requests.get(), cells.answered.get() + cut);
  if (way.cut) {
    EXPECT_EQ(cells.cut[static_cast<size_t>(*way.cut)].get(), 1u);
  }
  s.gateway.stop();
  std::multiset<std::pair<std::string, std::string>> lines;
  for (int i = 0; i < way.answered; ++i) lines.emplace("answered", "");
  if (way.cut) lines.emplace(base::name(base::outcome_of(way.cut)), base::info(*way.cut).name);
  EXPECT_EQ(logged(s), lines);
}

TEST(Ledger, WhatGotItsAnswerIsAnswered) {
  for (const Way& way : answered_ways()) goes(way);
}

TEST(Ledger, WhoseClientLeftIsClientGone) {
  for (const Way& way : client_ways()) {
    EXPECT_EQ(base::outcome_of(way.cut), Outcome::client_gone) << way.name;
    goes(way);
  }
}

TEST(Ledger, WhatWasCutOtherwiseIsAbortedForAReason) {
  for (const Way& way : aborted_ways()) {
    EXPECT_EQ(base::outcome_of(way.cut), Outcome::aborted) << way.name;
    goes(way);
  }
}

// An answer of the end that lets its connection go on would begin the next request of a pipeline while the worker goes
// through those there are.
TEST(Ledger, StoppingBeginsNothingNew) {
  Scene s(says(""));
  std::string pipeline;
  for (int i = 0; i < 1000; ++i) pipeline += get();
  ASSERT_TRUE(s.client.send(pipeline));
  EXPECT_TRUE(comes_true([&] { return s.upstream.connections() != 0; }));
  s.gateway.stop();
  EXPECT_EQ(s.client.read_response().status(), 503);
  EXPECT_TRUE(s.client.ended());
  EXPECT_EQ(s.gateway.cells().requests.get(), 1u);
  EXPECT_EQ(s.gateway.cells().answered.get(), 1u);
  EXPECT_EQ(s.gateway.cells().exchanges.get(), 0u);
}

}  // namespace
}  // namespace rhumb::proxy
