// SPDX-License-Identifier: Apache-2.0
#include "proxy/local_world.h"

#include <gtest/gtest.h>

#include <map>

#include "proxy/worker.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

using Balance = RegionBackend::Balance;

base::SocketAddress local(uint16_t port) { return {*base::IpAddress::parse("127.0.0.1"), port}; }

/// A region of `count` endpoints, and connections lent from some of them.
class ChooseEndpoint : public ::testing::Test, public upstream::Borrower {
 protected:
  void make(Balance balance, size_t count) {
    backend_.balance = balance;
    region_.backend = &backend_;
    for (size_t i = 0; i < count; ++i)
      region_.endpoints.push_back(
          std::make_shared<upstream::Pool>(loop_, blocks_, local(static_cast<uint16_t>(1 + i))));
  }
  ~ChooseEndpoint() override {
    for (auto* connection : lent_) connection->pool().discard(*connection);
    loop_.turn(base::Micros(0));
  }
  void on_upstream() noexcept override {}
  void lend(size_t endpoint, int times) {
    for (int i = 0; i < times; ++i) lent_.push_back(&region_.endpoints[endpoint]->borrow_fresh(*this));
  }
  std::map<int, int> chosen(int times, uint64_t up = ~uint64_t{0}, uint64_t tried = 0) {
    std::map<int, int> counts;
    for (int i = 0; i < times; ++i) ++counts[choose_endpoint(region_, up, tried, static_cast<uint64_t>(i))];
    return counts;
  }

  base::SystemClock clock_;
  net::Loop loop_{clock_};
  base::BlockPool blocks_;
  RegionBackend backend_;
  RegionPools region_;
  std::vector<upstream::Connection*> lent_;
};

using Counts = std::map<int, int>;

TEST_F(ChooseEndpoint, RoundRobinGoesInTurn) {
  make(Balance::round_robin, 3);
  std::vector<int> order;
  for (int i = 0; i < 6; ++i) order.push_back(choose_endpoint(region_, ~uint64_t{0}, 0, 0));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 0, 1, 2}));
}

TEST_F(ChooseEndpoint, RandomFollowsTheDraw) {
  make(Balance::random, 3);
  EXPECT_EQ(choose_endpoint(region_, ~uint64_t{0}, 0, 7), 1);
  EXPECT_EQ(choose_endpoint(region_, ~uint64_t{0}, 0, 7), 1) << "and nothing else";
  EXPECT_EQ(chosen(300), (Counts{{0, 100}, {1, 100}, {2, 100}}));
}

TEST_F(ChooseEndpoint, LeastConnTakesTheOneWithFewestRequests) {
  make(Balance::least_conn, 3);
  lend(0, 2);
  lend(1, 1);
  lend(2, 2);
  EXPECT_EQ(chosen(10), (Counts{{1, 10}}));
}

TEST_F(ChooseEndpoint, LeastConnLetsEqualsTakeTurns) {
  make(Balance::least_conn, 4);
  lend(3, 1);
  EXPECT_EQ(chosen(300).count(3), 0u);
  for (const auto& [endpoint, count] : chosen(300)) EXPECT_GT(count, 50) << endpoint;
}

TEST_F(ChooseEndpoint, OneThatIsDownIsPassedOver) {
  for (const Balance balance : {Balance::round_robin, Balance::random, Balance::least_conn}) {
    region_.endpoints.clear();
    make(balance, 3);
    EXPECT_EQ(chosen(100, 0b101).count(1), 0u);
    EXPECT_EQ(chosen(100, 0b010), (Counts{{1, 100}}));
  }
}

TEST_F(ChooseEndpoint, OneThatWasTriedIsNotTriedAgain) {
  for (const Balance balance : {Balance::round_robin, Balance::random, Balance::least_conn}) {
    region_.endpoints.clear();
    make(balance, 3);
    EXPECT_EQ(chosen(100, ~uint64_t{0}, 0b001).count(0), 0u);
    EXPECT_EQ(chosen(10, ~uint64_t{0}, 0b111), (Counts{{-1, 10}}));
  }
}

TEST_F(ChooseEndpoint, WhenAllLookDownWhatWasNotTriedIsTried) {
  make(Balance::least_conn, 2);
  EXPECT_EQ(chosen(10, 0b00, 0b01), (Counts{{1, 10}})) << "probes may be wrong";
  EXPECT_EQ(chosen(10, 0b01, 0b01), (Counts{{1, 10}}));
}

TEST_F(ChooseEndpoint, SixtyFourEndpointsHaveABitEach) {
  make(Balance::random, 64);
  EXPECT_EQ(chosen(64).size(), 64u);
  EXPECT_EQ(choose_endpoint(region_, uint64_t{1} << 63, 0, 5), 63);
}

class PoolTableTest : public ::testing::Test {
 protected:
  base::SystemClock clock_;
  net::Loop loop_{clock_};
  base::BlockPool blocks_;
  PoolTable pools_{loop_, blocks_};
};

TEST_F(PoolTableTest, AnEndpointHasOnePoolWhoeverNamesIt) {
  const auto pool = pools_.of(local(9001), {});
  EXPECT_EQ(pools_.of(local(9001), {}), pool);
  EXPECT_NE(pools_.of(local(9002), {}), pool);
}

TEST_F(PoolTableTest, AWorldKnowsItsRegionsPoolsAndTokens) {
  admin::Registry registry(2);
  upstream::Meters meters(2);
  const World world = testing::world_of(testing::kListener + testing::kTwoRegions, &registry, &meters);
  ASSERT_NE(world.config, nullptr);
  LocalWorld local_world(world, 1, pools_);
  EXPECT_EQ(local_world.region(0).backend->name, "eu");
  EXPECT_EQ(local_world.region(0).meter, meters.of("eu")[1]) << "this worker's own";
  ASSERT_EQ(local_world.region(1).endpoints.size(), 1u);
  EXPECT_EQ(local_world.region(1).endpoints[0], pools_.of(local(9002), {}));
  EXPECT_EQ(local_world.region_lookup().find(sessions::region_key("us"), 0).region, 1);
}

TEST_F(PoolTableTest, PoolsOfEndpointsThatStayOutliveTheirWorld) {
  admin::Registry registry(1);
  upstream::Meters meters(1);
  const World before = testing::world_of(testing::kListener + testing::kTwoRegions, &registry, &meters);
  const World after = testing::world_of(
      testing::kListener +
          "regions: [{name: eu, location: {latitude: 1, longitude: 1}, endpoints: [\"127.0.0.1:9001\"]}]\n",
      &registry, &meters);
  ASSERT_NE(before.config, nullptr);
  ASSERT_NE(after.config, nullptr);
  auto old_world = std::make_unique<LocalWorld>(before, 0, pools_);
  const std::weak_ptr<upstream::Pool> stays = old_world->region(0).endpoints[0];
  const std::weak_ptr<upstream::Pool> goes = old_world->region(1).endpoints[0];
  LocalWorld new_world(after, 0, pools_);
  EXPECT_EQ(new_world.region(0).endpoints[0], stays.lock());
  old_world.reset();
  pools_.retire_except(*after.config);
  EXPECT_FALSE(stays.expired());
  EXPECT_TRUE(goes.expired());
}

TEST_F(PoolTableTest, APoolAnOldWorldStillUsesIsOnlyRetired) {
  admin::Registry registry(1);
  upstream::Meters meters(1);
  const World after = testing::world_of(testing::kListener + testing::kTwoRegions, &registry, &meters);
  ASSERT_NE(after.config, nullptr);
  const auto held = pools_.of(local(7777), {});
  pools_.retire_except(*after.config);
  EXPECT_TRUE(held->idle_and_retired());
  EXPECT_EQ(pools_.of(local(7777), {}), held) << "not forgotten while somebody holds it";
}

}  // namespace
}  // namespace rhumb::proxy
