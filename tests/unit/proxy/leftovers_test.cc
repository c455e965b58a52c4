// SPDX-License-Identifier: Apache-2.0
// Rows S3 and S9: what is left of a message nobody read to its end, and of connections that break at any byte.
#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "base/random.h"
#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::comes_true;
using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::ok;
using testing::one_region;
using testing::Upstream;
using testing::Wire;

/// Every target a region was asked for.
class Seen {
 public:
  void add(const std::string& target) {
    const std::lock_guard lock(mutex_);
    targets_.insert(target);
  }
  std::multiset<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return targets_;
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::string> targets_;
};

std::string target_of(const std::string& head) {
  const size_t from = head.find(' ') + 1;
  return head.substr(from, head.find(' ', from) - from);
}

/// By its target, a request is read whole before it is answered, or not at all, or is answered by a reset.
Upstream::Script region(Seen& seen) {
  return [&seen](Wire& wire, int) {
    for (;;) {
      const std::string head = wire.read_until("\r\n\r\n");
      if (head.empty()) return;
      const std::string target = target_of(head);
      seen.add(target);
      if (target == "/reset") return wire.reset();
      if (target == "/early") {
        wire.send(ok("early"));
        return;
      }
      const bool chunked = head.find("Transfer-Encoding: chunked") != std::string::npos;
      const size_t length = head.find("Content-Length: ");
      if (chunked) wire.read_until("0\r\n\r\n");
      if (length != std::string::npos) wire.read(std::stoul(head.substr(length + 16)));
      if (!wire.send(ok("whole"))) return;
    }
  };
}

const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n";

/// A body made of requests, behind a bit of something so that they begin anywhere.
std::string body_of_requests(base::Random& random) {
  std::string body(random.next() % 40, 'x');
  for (uint64_t i = 0; i <= random.next() % 4; ++i) body += kSmuggled;
  return body;
}

std::string request_with(const std::string& target, const std::string& body, bool chunked) {
  std::string text = "POST " + target + " HTTP/1.1\r\nHost: example.com\r\n";
  if (!chunked) return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const size_t half = body.size() / 2;
  return text + "Transfer-Encoding: chunked\r\n\r\n" + testing::chunked({body.substr(0, half), body.substr(half)});
}

/// In up to five portions, cut anywhere; the last one may be missing. Ends our side.
void send_in_pieces(Wire& client, const std::string& text, base::Random& random, bool whole) {
  const size_t end = whole ? text.size() : random.next() % text.size();
  for (size_t at = 0; at < end;) {
    const size_t size = std::min<size_t>(end - at, 1 + random.next() % (text.size() / 4 + 1));
    if (!client.send(text.substr(at, size))) return;
    at += size;
  }
  client.finish();
}

TEST(Leftovers, S3_BytesOfABodyAreNeverARequest) {
  Seen seen;
  Upstream upstream(region(seen));
  Gateway gateway(listener("") + one_region(upstream) +
                  "routes:\n"
                  "  - {name: small, match: {path: /small}, limits: {body: 10B}}\n"
                  "  - {name: away, match: {path: /away}, filters: [{redirect: {to: /elsewhere}}]}\n"
                  "  - {name: rest}\n");
  base::Random random(3);
  const std::string targets[] = {"/whole", "/early", "/reset", "/small", "/away", "/none/%2f"};
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    Wire client = gateway.dial();
    const bool whole = random.next() % 3 != 0;
    const std::string text =
        request_with(targets[random.next() % std::size(targets)], body_of_requests(random), random.next() % 2 == 0);
    send_in_pieces(client, whole ? text + get("/next") : text, random, whole);
    client.read_to_end();
  }
  const auto all = seen.all();
  EXPECT_EQ(all.count("/smuggled"), 0u);
  EXPECT_GT(all.count("/whole"), 0u);
  EXPECT_GT(all.count("/next"), 0u) << "a request behind a body that was read is served";
  for (const std::string& target : all)
    EXPECT_TRUE(std::set<std::string>({"/whole", "/early", "/reset", "/small", "/next"}).contains(target)) << target;
}

const std::string kRequest = request_with("/whole", "some body of no great length", true);

/// Whatever happened before, the next one is served, and nothing of the others is left.
void expect_clean(Gateway& gateway) {
  EXPECT_EQ(gateway.dial().exchange(get("/whole")).body, "whole");
  EXPECT_TRUE(
      comes_true([&] { return gateway.cells().exchanges.get() == 0 && gateway.cells().connections.get() == 0; }));
}

TEST(Leftovers, S9_AClientThatBreaksAtAnyByteLeavesNothing) {
  Seen seen;
  Upstream upstream(region(seen));
  Gateway gateway(listener("") + one_region(upstream));
  for (size_t cut = 0; cut <= kRequest.size(); ++cut) {
    for (const bool hard : {true, false}) {
      Wire client = gateway.dial();
      ASSERT_TRUE(client.send(kRequest.substr(0, cut)));
      hard ? client.reset() : client.close();
    }
  }
  expect_clean(gateway);
}

TEST(Leftovers, S9_ARegionThatBreaksAtAnyByteLeavesNothing) {
  const std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + testing::chunked({"whole"});
  std::atomic<size_t> cut{0};
  Upstream upstream([&](Wire& wire, int) {
    while (wire.read_request().whole) {
      if (!wire.send(answer.substr(0, cut))) return;
      if (cut < answer.size()) return cut % 2 == 0 ? wire.reset() : void();
    }
  });
  Gateway gateway(listener("") + one_region(upstream));
  for (; cut < answer.size(); ++cut) {
    Wire client = gateway.dial();
    ASSERT_TRUE(client.send(get("/x", "Connection: close\r\n")));
    const Message got = client.read_response();
    EXPECT_FALSE(got.whole && got.status() == 200) << "a cut answer shown as whole, at " << cut;
  }
  expect_clean(gateway);
}

TEST(Leftovers, S9_BothSidesThatBreakTogetherLeaveNothing) {
  std::atomic<size_t> cut{0};
  Upstream upstream([&](Wire& wire, int) {
    if (cut > kRequest.size()) return void((wire.read_request(), wire.send(ok("whole"))));
    wire.read(1 + cut);
    wire.reset();
  });
  Gateway gateway(listener("") + one_region(upstream));
  for (; cut <= kRequest.size(); ++cut) {
    Wire client = gateway.dial();
    ASSERT_TRUE(client.send(kRequest.substr(0, cut)));
    client.reset();
  }
  expect_clean(gateway);
}

}  // namespace
}  // namespace rhumb::proxy
