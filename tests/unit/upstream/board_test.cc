// SPDX-License-Identifier: Apache-2.0
#include "upstream/board.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <memory>
#include <vector>

#include "tests/unit/upstream/scripted_endpoint.h"

namespace rhumb::upstream {
namespace {

using testing::ScriptedEndpoint;

class BoardTest : public ::testing::Test {
 protected:
  BoardTest() : meters_(1) {
    board_ = std::make_unique<Board>(
        loop_, 1,
        [this](std::shared_ptr<const decision::RegionStates> states) { published_.push_back(std::move(states)); },
        [this](const BoardEvent& event) {
          by_.push_back(event.by);
          if (event.kind == BoardEvent::Kind::endpoint_up || event.kind == BoardEvent::Kind::endpoint_down) {
            const bool up = event.kind == BoardEvent::Kind::endpoint_up;
            changes_.push_back(event.region + (up ? " up" : " down") + (event.why.empty() ? "" : ": " + event.why));
          } else {
            regions_.push_back({event.kind, event.region, event.why, event.in_flight,
                                event.about != nullptr ? effect(*event.about) : ""});
          }
        });
  }
  BoardRegion region(const std::string& name, std::vector<base::SocketAddress> endpoints) {
    BoardRegion r;
    r.name = name;
    r.endpoints = std::move(endpoints);
    r.health.path = "/health";
    r.health.interval = base::Millis(20);
    r.health.timeout = base::Seconds(2);
    r.meters = meters_.of(name);
    return r;
  }
  template <class Condition>
  bool turn_until(Condition condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) loop_.turn(base::Millis(10));
    return condition();
  }

  base::SystemClock clock_;
  net::Loop loop_{clock_};
  Meters meters_;
  std::vector<std::shared_ptr<const decision::RegionStates>> published_;
  std::vector<std::string> by_;
  struct Told {
    BoardEvent::Kind kind;
    std::string region, why;
    uint64_t in_flight;
    std::string effect;
    bool operator==(const Told&) const = default;
  };
  /// A region whose only endpoint is never asked.
  BoardRegion unchecked(const std::string& name) {
    BoardRegion r = region(name, {base::SocketAddress{*base::IpAddress::parse("127.0.0.1"), 1}});
    r.health.enabled = false;
    return r;
  }
  static Override health(const std::string& region, bool healthy) {
    Override o;
    o.kind = OverrideKind::health, o.region = region, o.healthy = healthy;
    o.owner = "uid 0", o.reason = "works on it";
    return o;
  }

  std::vector<std::string> changes_;
  std::vector<Told> regions_;
  std::unique_ptr<Board> board_;
};

TEST_F(BoardTest, AHealthyEndpointIsCheckedAndMeasured) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  board_->configure({region("eu", {endpoint.address()})}, {});
  ASSERT_TRUE(turn_until([&] { return board_->all_checked() && published_.back()->of[0].rtt.count() > 0; }));
  EXPECT_TRUE(published_.back()->of[0].healthy);
  EXPECT_NE(endpoint.received().find("GET /health HTTP/1.1\r\n"), std::string::npos) << endpoint.received();
}

TEST_F(BoardTest, OneNeverSeenUpIsDownAfterItsFirstFailure) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
  board_->configure({region("eu", {endpoint.address()})}, {});
  ASSERT_TRUE(turn_until([&] { return !changes_.empty(); }));
  EXPECT_EQ(changes_[0], "eu down: status 503");
  EXPECT_FALSE(published_.back()->of[0].healthy);
  EXPECT_EQ(published_.back()->of[0].endpoints_up, 0u);
  ASSERT_EQ(published_.back()->notes.size(), 1u);
  EXPECT_NE(published_.back()->notes[0].find(": status 503, 1 failures in a row"), std::string::npos)
      << published_.back()->notes[0];
}

TEST_F(BoardTest, ThreeFailuresTakeItOutTwoSuccessesBringItBack) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  board_->configure({region("eu", {endpoint.address()})}, {});
  ASSERT_TRUE(turn_until([&] { return board_->report()[0].endpoints[0].successes >= 1; }));
  endpoint.answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  uint32_t most = 0;
  ASSERT_TRUE(turn_until([&] {
    const EndpointReport report = board_->report()[0].endpoints[0];
    if (report.healthy) most = std::max(most, report.failures);
    return !report.healthy;
  }));
  EXPECT_EQ(most, 2u) << "two failures do not take it out, the third does";
  endpoint.answer("HTTP/1.1 204 OK\r\n\r\n");
  uint32_t needed = 0;
  ASSERT_TRUE(turn_until([&] {
    const EndpointReport report = board_->report()[0].endpoints[0];
    needed = report.successes;
    return report.healthy;
  }));
  EXPECT_EQ(needed, 2u);
  EXPECT_EQ(changes_.back(), "eu up");
}

TEST_F(BoardTest, ARegionIsUpWhileOneEndpointIs) {
  ScriptedEndpoint good(loop_, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ScriptedEndpoint bad(loop_, "garbage\r\n\r\n");
  board_->configure({region("eu", {bad.address(), good.address()})}, {});
  ASSERT_TRUE(turn_until([&] { return board_->all_checked() && !changes_.empty(); }));
  EXPECT_TRUE(published_.back()->of[0].healthy);
  EXPECT_EQ(published_.back()->of[0].endpoints_up, 0b10u);
}

TEST_F(BoardTest, AReloadKeepsWhatIsKnownOfEndpointsThatStay) {
  ScriptedEndpoint bad(loop_, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  board_->configure({region("eu", {bad.address()})}, {});
  ASSERT_TRUE(turn_until([&] { return !changes_.empty(); }));
  board_->configure({region("us", {}), region("eu", {bad.address()})}, {});
  EXPECT_FALSE(published_.back()->of[1].healthy) << "known to be down before the reload";
}

TEST_F(BoardTest, PublishesWhatRegionsAnnounceUnderTheSlotOfTheConfigurationInForce) {
  BoardRegion busy = unchecked("eu");
  busy.numbers[0] = meters_.announced("eu", "x-queue");
  board_->configure({busy}, {});
  EXPECT_TRUE(std::isnan(published_.back()->of[0].numbers[0]));
  Announced& cell = *busy.numbers[0][0];
  cell.bits.set(std::bit_cast<uint64_t>(480.0));
  cell.since.set(static_cast<uint64_t>(loop_.now().time_since_epoch().count()));
  ASSERT_TRUE(turn_until([&] { return published_.back()->of[0].numbers[0] == 480; }));
  std::swap(busy.numbers[0], busy.numbers[2]);
  board_->configure({busy}, {});
  EXPECT_TRUE(std::isnan(published_.back()->of[0].numbers[0])) << "the first slot is another term now";
  EXPECT_EQ(published_.back()->of[0].numbers[2], 480);
}

TEST_F(BoardTest, WorkersMetersFeedLatencyAndErrors) {
  BoardRegion quiet = region("eu", {base::SocketAddress{*base::IpAddress::parse("127.0.0.1"), 1}});
  quiet.health.enabled = false;
  board_->configure({quiet}, {});
  RegionMeter& meter = *meters_.of("eu")[0];
  meter.requests.add(10), meter.errors.add(10);
  meter.latency_sum_us.add(40'000), meter.latency_count.add(2);
  meter.in_flight.add(3);
  ASSERT_TRUE(turn_until([&] { return published_.back()->of[0].rtt.count() != 0; }));
  EXPECT_EQ(published_.back()->of[0].rtt, base::Millis(20));
  EXPECT_EQ(published_.back()->of[0].in_flight, 3u);
  EXPECT_GT(published_.back()->of[0].error_rate, 0.0f);
  EXPECT_TRUE(published_.back()->of[0].healthy) << "without checks, nothing takes it out";
}

TEST(Board, WorstDetectionCountsIntervalsAndTimeouts) {
  HealthPolicy policy;
  policy.interval = base::Seconds(30);
  policy.timeout = base::Seconds(5);
  // 30 s until the first failing check, two rechecks 3 s apart, each check up to 5 s.
  EXPECT_EQ(worst_detection(policy), base::Seconds(30 + 2 * 3 + 3 * 5));
  policy.enabled = false;
  EXPECT_EQ(worst_detection(policy), base::Micros(0));
}

using Kind = BoardEvent::Kind;

TEST_F(BoardTest, AnOverrideIsPublishedAtOnceAndToldOn) {
  board_->configure({unchecked("eu"), unchecked("us")}, {});
  const uint64_t before = published_.back()->epoch;
  ASSERT_TRUE(board_->overrides().set(health("eu", false), base::Seconds(60)));
  EXPECT_GT(published_.back()->epoch, before);
  EXPECT_FALSE(published_.back()->of[0].healthy);
  EXPECT_TRUE(published_.back()->of[1].healthy);
  EXPECT_NE(published_.back()->notes.at(0).find("override unhealthy by uid 0 until "), std::string::npos);
  EXPECT_EQ(published_.back()->notes.at(1), "");
  const RegionReport report = board_->report()[0];
  EXPECT_TRUE(report.measured_healthy);
  EXPECT_FALSE(report.state.healthy);
  ASSERT_EQ(report.overrides.size(), 1u);
  EXPECT_EQ(report.went_down, 1u);
  EXPECT_EQ(regions_, (std::vector<Told>{{Kind::region_down, "eu", "", 0, ""},
                                         {Kind::override_set, "eu", "set", 0, "unhealthy"}}));
  regions_.clear();
  ASSERT_TRUE(board_->overrides().take_back(OverrideKind::health, "eu"));
  EXPECT_TRUE(published_.back()->of[0].healthy);
  EXPECT_TRUE(published_.back()->notes.empty());
  EXPECT_EQ(regions_, (std::vector<Told>{{Kind::region_up, "eu", "", 0, ""},
                                         {Kind::override_ended, "eu", "taken_back", 0, "unhealthy"}}));
}

TEST_F(BoardTest, TheConfiguredDialIsPublishedUntilAnOverrideReplacesIt) {
  BoardRegion half = unchecked("eu");
  half.dial = 0.5;
  board_->configure({half}, {});
  EXPECT_EQ(published_.back()->of[0].dial, 0.5f);
  Override o = health("eu", true);
  o.kind = OverrideKind::dial, o.dial = 0;
  ASSERT_TRUE(board_->overrides().set(o, base::Seconds(60)));
  EXPECT_EQ(published_.back()->of[0].dial, 0.0f);
  EXPECT_EQ(board_->report()[0].configured_dial, 0.5);
  ASSERT_TRUE(board_->overrides().take_back(OverrideKind::dial, "eu"));
  EXPECT_EQ(published_.back()->of[0].dial, 0.5f);
}

TEST_F(BoardTest, OverridesStayOverAReloadAsLongAsTheirRegionDoes) {
  board_->configure({unchecked("eu"), unchecked("us")}, {});
  ASSERT_TRUE(board_->overrides().set(health("eu", false), base::Seconds(60)));
  ASSERT_TRUE(board_->overrides().set(health("us", false), base::Seconds(60)));
  Override endpoint = health("eu", false);
  endpoint.endpoint = "127.0.0.1:1";
  ASSERT_TRUE(board_->overrides().set(endpoint, base::Seconds(60)));
  regions_.clear();
  BoardRegion moved = unchecked("eu");
  moved.endpoints = {base::SocketAddress{*base::IpAddress::parse("127.0.0.1"), 2}};
  board_->configure({moved}, {});
  EXPECT_FALSE(published_.back()->of[0].healthy);
  EXPECT_EQ(board_->report()[0].overrides.size(), 1u) << "that of an endpoint that is gone has ended";
  EXPECT_EQ(
      std::count(regions_.begin(), regions_.end(), (Told{Kind::override_ended, "us", "region_gone", 0, "unhealthy"})),
      1);
  board_->configure({unchecked("eu"), unchecked("us")}, {});
  EXPECT_TRUE(published_.back()->of[1].healthy) << "it came back without what was set before";
}

TEST_F(BoardTest, WhoCausedItIsToldWithEachThingThatComesOfIt) {
  board_->configure({unchecked("eu"), unchecked("us")}, {});
  ASSERT_TRUE(board_->overrides().set(health("eu", false), base::Seconds(60)));
  EXPECT_EQ(by_, (std::vector<std::string>{"uid 0", "uid 0"})) << "the region went down by it";
  by_.clear();
  board_->configure({unchecked("us"), unchecked("ap")}, {}, "token deploy");
  EXPECT_EQ(by_, std::vector<std::string>(3, "token deploy")) << "an override ended, a region came, another went";
  by_.clear();
  ASSERT_TRUE(board_->overrides().set(health("us", false), base::Seconds(60)));
  ASSERT_TRUE(board_->overrides().take_back(OverrideKind::health, "us", {}, "uid 7"));
  EXPECT_EQ(by_, (std::vector<std::string>{"uid 0", "uid 0", "uid 7", "uid 7"}));
}

TEST_F(BoardTest, OfThousandsOfEndpointsSomeAreReportedAtATime) {
  BoardRegion many = unchecked("eu");
  many.endpoints.clear();
  for (uint16_t port = 1; port <= 4096; ++port)
    many.endpoints.push_back(base::SocketAddress{*base::IpAddress::parse("127.0.0.1"), port});
  board_->configure({unchecked("us"), many}, {});
  ASSERT_EQ(board_->find("eu"), 1u);
  EXPECT_EQ(board_->find("ap"), std::nullopt);
  const RegionReport some = board_->report_of(1, 4000, 64);
  ASSERT_EQ(some.endpoints.size(), 64u);
  EXPECT_EQ(some.endpoints[0].address, "127.0.0.1:4001");
  EXPECT_EQ(board_->report_of(1, 4090, 64).endpoints.size(), 6u);
  EXPECT_TRUE(board_->report_of(1, 4096, 64).endpoints.empty());
  EXPECT_TRUE(board_->report(0)[1].endpoints.empty());
}

TEST_F(BoardTest, ARemovedRegionIsToldAndItsLastRequestToo) {
  board_->configure({unchecked("eu"), unchecked("us")}, {});
  RegionMeter& meter = *meters_.of("us")[0];
  meter.in_flight.add(2);
  board_->configure({unchecked("eu"), unchecked("ap")}, {});
  EXPECT_EQ(regions_,
            (std::vector<Told>{{Kind::region_added, "ap", "", 0, ""}, {Kind::region_removed, "us", "", 2, ""}}));
  regions_.clear();
  for (int i = 0; i < 30; ++i) loop_.turn(base::Millis(10));
  EXPECT_EQ(regions_, std::vector<Told>{}) << "two requests are still there";
  meter.in_flight.sub(2);
  ASSERT_TRUE(turn_until([&] { return !regions_.empty(); }));
  EXPECT_EQ(regions_, (std::vector<Told>{{Kind::region_left, "us", "", 0, ""}}));
}

TEST_F(BoardTest, EndsWithAProbeUnderWay) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  board_->configure({region("eu", {endpoint.address()})}, {});
  EXPECT_TRUE(turn_until([&] { return !endpoint.received().empty(); }));
  for (int i = 0; i < 10; ++i) loop_.turn(base::Millis(1));
  board_.reset();
  loop_.turn(base::Micros(0));
  EXPECT_EQ(endpoint.accepted(), 1);
}

}  // namespace
}  // namespace rhumb::upstream
