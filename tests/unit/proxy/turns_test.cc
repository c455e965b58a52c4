// SPDX-License-Identifier: Apache-2.0
// A turn of a worker's loop has a clock: whoever keeps it busy delays himself. Time is the test's: each look at the
// clock takes so long as the test says.
#include <gtest/gtest.h>

#include "proxy/worker.h"
#include "tests/unit/proxy/gateway.h"
#include "tests/unit/proxy/lockstep.h"

namespace rhumb::proxy {
namespace {

using testing::get;
using testing::listener;
using testing::Lockstep;
using testing::nobody;
using testing::one_region;
using testing::Origin;
using testing::Peer;

const base::IpAddress kCrowd = *base::IpAddress::parse("127.0.0.2");
const base::IpAddress kOther = *base::IpAddress::parse("127.0.0.3");
const std::string kNoRoute = "routes: [{name: api, match: {path_prefix: /api/}}]\n";

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

size_t answers(const Peer& peer) {
  size_t count = 0;
  for (size_t at = 0; (at = peer.received().find("HTTP/1.1 ", at)) != std::string::npos; ++at) ++count;
  return count;
}

/// How many turns were longer than 25 ms, a bound of the histogram above 20.
uint64_t long_turns(Lockstep& gateway) {
  const auto& turns = gateway.cells().turn;
  uint64_t count = 0;
  for (size_t i = 0; i <= base::LatencyHistogram::kBounds.size(); ++i)
    if (i == base::LatencyHistogram::kBounds.size() || base::LatencyHistogram::kBounds[i] > 25'000)
      count += turns.bucket(i);
  return count;
}

// S29: so many that a turn which served them all would last seconds.
TEST(Turns, S29_AFloodOfPipelinedRequestsDelaysAnotherAddressByASlice) {
  Lockstep gateway(listener("") + one_region({nobody()}) + kNoRoute);
  std::vector<Peer> crowd;
  for (int i = 0; i < 60; ++i) {
    crowd.push_back(gateway.dial(kCrowd));
  }
  for (int i = 0; i < 3; ++i) gateway.turn();  // all are accepted
  for (Peer& one : crowd) one.send(repeated(get("/x"), 200));
  gateway.work_takes(base::Micros(500));
  Peer other = gateway.dial(kOther);
  other.send(get("/x"));
  int turns = 0;
  for (; answers(other) == 0 && turns < 100; ++turns) gateway.turn(), other.move();
  EXPECT_EQ(answers(other), 1u);
  EXPECT_LE(turns, 4);
  size_t served = 0;
  for (Peer& one : crowd) one.move(), served += answers(one);
  EXPECT_LT(served, 60u * 200u) << "the crowd is still waiting";
  EXPECT_EQ(long_turns(gateway), 0u);
  gateway.work_takes(base::Micros(0));
  for (int i = 0; i < 2000 && served < 60u * 200u; ++i) {
    gateway.turn();
    served = 0;
    for (Peer& one : crowd) one.move(), served += answers(one);
  }
  EXPECT_EQ(served, 60u * 200u) << "and loses nothing";
}

TEST(Turns, OneConnectionOfMuchWorkDoesNotHoldUpTheOthersOfItsAddress) {
  Lockstep gateway(listener("") + one_region({nobody()}) + kNoRoute);
  Peer busy = gateway.dial(kCrowd), other = gateway.dial(kCrowd);
  for (int i = 0; i < 3; ++i) gateway.turn();
  gateway.work_takes(base::Micros(400));
  busy.send(repeated(get("/x"), 200));
  other.send(get("/x"));
  for (int i = 0; i < 3 && answers(other) == 0; ++i) gateway.turn(), other.move();
  EXPECT_EQ(answers(other), 1u);
  busy.move();
  EXPECT_LT(answers(busy), 200u);
}

TEST(Turns, ManyTimersThatAreDueAtOnceAreServedInPieces) {
  Lockstep gateway(listener(", timeouts: {request_head: 1s}, limits: {connections_per_ip: 0}") +
                   one_region({nobody()}));
  std::vector<Peer> crowd;
  for (int i = 0; i < 200; ++i) {
    crowd.push_back(gateway.dial(kCrowd));
    crowd.back().send("GET / HTTP/1.1\r\n");
  }
  for (int i = 0; i < 6; ++i) gateway.turn();
  gateway.work_takes(base::Micros(100));
  gateway.pass(base::Seconds(2));
  for (int i = 0; i < 100; ++i) gateway.turn();
  size_t refused = 0;
  for (Peer& one : crowd) one.move(), refused += one.received().starts_with("HTTP/1.1 408 ");
  EXPECT_EQ(refused, 200u);
  EXPECT_EQ(long_turns(gateway), 0u);
}

// S29: work that no clock can interrupt, again and again.
TEST(Turns, S29_AnAddressOfCostlyRequestsIsClosedLongBeforeTheWatchdogWakes) {
  Lockstep gateway(listener("") + one_region({nobody()}) + kNoRoute);
  Peer costly = gateway.dial(kCrowd), other = gateway.dial(kOther);
  for (int i = 0; i < 3; ++i) gateway.turn();
  gateway.work_takes(base::Millis(30));
  costly.send(repeated(get("/x"), 200));
  for (int i = 0; i < 100 && !costly.over(); ++i) gateway.turn(), costly.move();
  EXPECT_TRUE(costly.over());
  EXPECT_LT(answers(costly), 40u);
  const auto fault = static_cast<size_t>(base::FaultKind::connection_costly);
  EXPECT_EQ(gateway.cells().faults[fault].get(), 1u);
  gateway.work_takes(base::Micros(0));
  other.send(get("/x"));
  for (int i = 0; i < 3; ++i) gateway.turn(), other.move();
  EXPECT_EQ(answers(other), 1u) << "another address is not meant";
}

std::string one_byte_chunks(int count) { return repeated("1\r\nx\r\n", count) + "0\r\n\r\n"; }

TEST(Turns, AnUploadInChunksOfOneByteReachesTheRegionInLargeOnes) {
  Origin origin;
  Lockstep gateway(listener("") + one_region({origin.address()}));
  Peer client = gateway.dial();
  client.send("POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n" + one_byte_chunks(40'000));
  Peer region;
  for (int i = 0; i < 2000 && !region.received().ends_with("\r\n0\r\n\r\n"); ++i) {
    gateway.turn();
    client.move();
    if (!region.open()) region = origin.accept();
    region.move();
  }
  const std::string& got = region.received();
  ASSERT_TRUE(got.ends_with("\r\n0\r\n\r\n"));
  const size_t body = got.size() - got.find("\r\n\r\n") - 4;
  EXPECT_EQ(std::count(got.begin() + static_cast<ptrdiff_t>(got.size() - body), got.end(), 'x'), 40'000);
  EXPECT_LT(body, 50'000u) << "six bytes for one would be 240,000";
}

TEST(Turns, ADownloadInChunksOfOneByteReachesTheClientInLargeOnes) {
  Origin origin;
  Lockstep gateway(listener("") + one_region({origin.address()}));
  Peer client = gateway.dial();
  client.send(get());
  Peer region;
  for (int i = 0; i < 20 && !region.received().ends_with("\r\n\r\n"); ++i) {
    gateway.turn();
    if (!region.open()) region = origin.accept();
    region.move();
  }
  region.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + one_byte_chunks(40'000));
  for (int i = 0; i < 2000 && !client.received().ends_with("\r\n0\r\n\r\n"); ++i)
    region.move(), gateway.turn(), client.move();
  const std::string& got = client.received();
  ASSERT_TRUE(got.ends_with("\r\n0\r\n\r\n"));
  const size_t body = got.size() - got.find("\r\n\r\n") - 4;
  EXPECT_EQ(std::count(got.begin() + static_cast<ptrdiff_t>(got.size() - body), got.end(), 'x'), 40'000);
  EXPECT_LT(body, 50'000u);
}

TEST(Turns, TheWorkerSaysWhichRequestItIsBusyWith) {
  Origin origin;
  Lockstep gateway(listener("") + one_region({origin.address()}));
  Peer client = gateway.dial(kCrowd);
  client.send(get("/slow"));
  std::string said;
  gateway.worker().loop().post([&] { said = gateway.worker().under_way(); });
  for (int i = 0; i < 5 && said.empty(); ++i) {
    gateway.turn();
    if (said.empty()) gateway.worker().loop().post([&] { said = gateway.worker().under_way(); });
  }
  EXPECT_EQ(said, "127.0.0.2 GET example.com/slow");
  gateway.turn();
  EXPECT_EQ(gateway.worker().under_way(), "") << "between two turns it is busy with nothing";
}

}  // namespace
}  // namespace rhumb::proxy
