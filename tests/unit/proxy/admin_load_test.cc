// SPDX-License-Identifier: Apache-2.0
// Every endpoint that reads, over a configuration as large as they come: no piece of work of any of them is long, and
// between two pieces the gateway says whether it is ready. Work is counted in bytes and pieces; time is the machine's.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <map>
#include <nlohmann/json.hpp>

#include "admin/events_api.h"
#include "admin/metrics.h"
#include "admin/regions_api.h"
#include "admin/session.h"
#include "proxy/admin_endpoints.h"
#include "proxy/config_endpoints.h"
#include "tests/unit/admin/replies.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

constexpr size_t kPiece = 64 * 1024;
constexpr int kRoutes = 3800, kEndpoints = 64;

const World& large_world() {
  static const World one = [] {
    std::string text = testing::kListener + "regions:\n";
    for (size_t i = 0; i < decision::kMaxRegions; ++i)
      text +=
          fmt::format("  - {{name: r{}, location: {{latitude: {}, longitude: 8.7}}, endpoints: [\"127.0.0.1:{}\"]}}\n",
                      i, i, 9001 + i);
    text += "routes:\n";
    for (int i = 0; i < kRoutes; ++i)
      text += fmt::format("  - {{name: n{}, match: {{host: h{}.example.com, cookies: {{a: \"{}\"}}}}}}\n", i, i % 7, i);
    text += "  - {name: rest}\n";
    config::Loaded loaded = config::load_text(text, "large.yaml");
    EXPECT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources).substr(0, 500);
    loaded.spec.sources = std::make_shared<const config::SourceList>(loaded.sources);
    World made;
    made.config = compile(loaded.spec, 1, nullptr, nullptr, loaded.diagnostics);
    made.states = std::make_shared<const decision::RegionStates>(decision::unmeasured(*made.config->regions));
    return made;
  }();
  return one;
}

class AdminLoad : public ::testing::Test {
 protected:
  AdminLoad() {
    std::vector<upstream::BoardRegion> regions(decision::kMaxRegions);
    for (size_t i = 0; i < regions.size(); ++i) {
      regions[i].name = fmt::format("r{}", i);
      regions[i].health.enabled = false;
      regions[i].meters = meters_.of(regions[i].name);
      for (uint16_t port = 1; port <= (i == 0 ? 4096 : kEndpoints); ++port)
        regions[i].endpoints.push_back({*base::IpAddress::parse("127.0.0.1"), port});
    }
    board_.configure(std::move(regions), {});
    for (size_t i = 0; i < upstream::Overrides::kMost; ++i) {
      upstream::Override o;
      o.region = "r0", o.endpoint = fmt::format("127.0.0.1:{}", i + 1), o.reason = std::string(200, 'x');
      board_.overrides().set(o, base::Seconds(3600));
    }
    for (int i = 0; i < 2000; ++i)
      for (auto* cells : registry_.route(fmt::format("n{}", i), "r0")) cells->responses[2].add(1);
    for (size_t i = 0; i < admin::Events::kKept; ++i)
      events_.add(admin::EventKind::admin_change, {}, {}, {{"x", std::string(3000, 'x')}});
    add_admin_endpoints(router_,
                        {[]() -> const World& { return large_world(); }, [this] { return why_not_ready(board_); },
                         [this] {
                           return admin::metrics_source({registry_, meters_, board_.report(0), {}});
                         }});
    admin::add_regions_api(router_, board_);
    admin::add_events_api(router_, events_, loop_);
    ReloadVerdict verdict{true, "", {}, 1, "abc"};
    for (int i = 0; i < 10'000; ++i) {
      config::Change change;
      change.path = fmt::format("routes[n{}].strategy", i), change.before = "score", change.after = "priority";
      verdict.changes.push_back(change);
    }
    verdict.text = config::diff_text(verdict.changes);
    add_config_endpoints(router_,
                         {[]() -> const World& { return large_world(); },
                          [](const Reloader::Done&, const foresight::PlanLimits&, const std::string&) {},
                          [verdict](const Reloader::Done& done) { done(verdict); }, [](const UpgradeDone&) {}});
  }
  ~AdminLoad() override {
    desk_->sessions.for_each([](admin::Session& session) { session.close(); });
    loop_.turn(base::Micros(0));
  }

  /// What is asked of an endpoint so that its answer is as long as it gets, and how long that is at least.
  static const std::map<std::string, std::pair<std::string, size_t>>& questions() {
    static const std::map<std::string, std::pair<std::string, size_t>> all = {
        {"/healthz", {"/healthz", 1}},
        {"/readyz", {"/readyz", 1}},
        {"/metrics", {"/metrics", 1'000'000}},
        {"/v1", {"/v1", 1000}},
        {"/v1/regions", {"/v1/regions", 1'000'000}},
        {"/v1/regions/{region}", {"/v1/regions/r0", 1'000'000}},
        {"/v1/regions/{region}/health", {"/v1/regions/r0/health", 500'000}},
        {"/v1/regions/{region}/dial", {"/v1/regions/r0/dial", 10}},
        {"/v1/regions/{region}/drain", {"/v1/regions/r0/drain", 10}},
        {"/v1/events", {"/v1/events?format=json&after=0&limit=1000", 3'000'000}},
        {"/v1/config", {"/v1/config?effective=true&origin=true", 5'000'000}},
        {"/v1/config/diff", {"/v1/config/diff", 1'000'000}},
        {"/v1/explain", {"/v1/explain?ip=192.0.2.1&host=h1.example.com&cookie=a=none", 10'000}}};
    return all;
  }
  /// Sends a request; the end that answers it is the gateway's.
  net::Fd ask(const std::string& target) {
    int ends[2];
    RHUMB_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    net::Peer peer;
    peer.local = true;
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    RHUMB_ASSERT(::send(ends[0], request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
    new admin::Session(*desk_, net::Fd(ends[1]), peer, {});
    return net::Fd(ends[0]);
  }
  /// What came by now; -1: it ended.
  static ssize_t take(const net::Fd& fd) {
    static char buffer[1 << 20];
    ssize_t all = 0;
    for (ssize_t n; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) >= 0; all += n)
      if (n == 0) return all == 0 ? -1 : all;
    return all;
  }

  base::ManualClock clock_;
  net::Loop loop_{clock_};
  admin::Events events_{clock_};
  admin::Registry registry_{2};
  upstream::Meters meters_{2};
  upstream::Board board_{loop_, 1, [](const auto&) {}, {}};
  admin::Router router_;
  std::shared_ptr<admin::Desk> desk_ =
      std::make_shared<admin::Desk>(loop_, admin::Access(admin::AccessRules()), router_, nullptr);
};

TEST_F(AdminLoad, S29_NoEndpointThatReadsHasALongPieceOfWork) {
  admin::testing::Asking asking(router_);
  for (const auto& endpoint : router_.endpoints()) {
    if (endpoint.method != http::Method::get) continue;
    const std::string pattern(endpoint.pattern);
    ASSERT_TRUE(questions().contains(pattern)) << pattern << ": how long can its answer be?";
    const auto& [target, least] = questions().at(pattern);
    const admin::Response answer = asking.get(target);
    ASSERT_EQ(answer.status, 200) << target << ": " << answer.body.substr(0, 300);
    EXPECT_GE(answer.body.size(), least) << target;
    if (asking.pieces == 0) {
      EXPECT_LE(answer.body.size(), kPiece) << target << " is not told in pieces";
    } else {
      EXPECT_LE(asking.longest, kPiece) << target;
      EXPECT_GE(asking.pieces, answer.body.size() / kPiece) << target;
    }
    EXPECT_EQ(nlohmann::json::accept(answer.body), answer.content_type == "application/json") << target;
  }
}

TEST_F(AdminLoad, S29_BetweenTwoPiecesOfAnyAnswerTheGatewaySaysWhetherItIsReady) {
  for (const auto& [pattern, question] : questions()) {
    const net::Fd heavy = ask(question.first);
    ssize_t got = 0, most = 0, in_turn = 0;
    int turns = 0;
    for (; turns < 20'000; ++turns) {
      const net::Fd ready = ask("/readyz");
      loop_.turn(base::Micros(0));
      ASSERT_GT(take(ready), 0) << pattern << ": not in the turn it was asked in";
      if ((in_turn = take(heavy)) < 0) break;
      got += in_turn, most = std::max(most, in_turn);
    }
    EXPECT_GE(got, static_cast<ssize_t>(question.second)) << pattern;
    EXPECT_LE(most, static_cast<ssize_t>(kPiece + 1024)) << pattern << ": a piece a turn";
    EXPECT_GE(turns, got / static_cast<ssize_t>(kPiece)) << pattern;
  }
}

TEST_F(AdminLoad, S31_SixtyThatReadNothingHoldLittle) {
  std::vector<net::Fd> lazy;
  for (int i = 0; i < 60; ++i) lazy.push_back(ask("/v1/config?effective=true"));
  size_t most = 0;
  for (int i = 0; i < 3000; ++i) {
    loop_.turn(base::Micros(0));
    most = std::max(most, desk_->pending_in_all);
  }
  EXPECT_LE(most, admin::Desk::kAnswersOfCaller * (admin::Desk::kMaxPending + kPiece))
      << "eight are told, and each holds little";
  EXPECT_EQ(desk_->counts.busy, 60u - admin::Desk::kAnswersOfCaller) << "the others are told to come again";
  const net::Fd ready = ask("/readyz");
  loop_.turn(base::Micros(0));
  EXPECT_GT(take(ready), 0);
}

}  // namespace
}  // namespace rhumb::proxy
