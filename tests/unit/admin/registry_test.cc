// SPDX-License-Identifier: Apache-2.0
#include "admin/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rhumb::admin {
namespace {

TEST(Registry, EveryWorkerHasCellsOfItsOwn) {
  Registry registry(3);
  EXPECT_EQ(registry.workers(), 3u);
  registry.worker(1).requests.add(4);
  EXPECT_EQ(registry.worker(0).requests.get(), 0u);
  EXPECT_EQ(registry.worker(1).requests.get(), 4u);
  uint64_t total = 0;
  registry.for_each_worker([&](const WorkerCells& cells) { total += cells.requests.get(); });
  EXPECT_EQ(total, 4u);
}

TEST(Registry, ARouteAndRegionHaveOneSetOfCellsAWorker) {
  Registry registry(2);
  const auto cells = registry.route("api", "eu");
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_NE(cells[0], cells[1]);
}

TEST(Registry, TheSameNamesFindTheSameCellsAgainSoAReloadGoesOnCounting) {
  Registry registry(2);
  const auto first = registry.route("api", "eu");
  first[1]->responses[2].add(7);
  for (int i = 0; i < 100; ++i) registry.route("other-" + std::to_string(i), "");
  const auto again = registry.route("api", "eu");
  EXPECT_EQ(again, first);
  EXPECT_EQ(again[1]->responses[2].get(), 7u);
}

TEST(Registry, RouteAndRegionAreTwoNamesNotOne) {
  Registry registry(1);
  std::set<RouteCells*> all{registry.route("a", "bc")[0], registry.route("ab", "c")[0], registry.route("abc", "")[0],
                            registry.route("", "abc")[0]};
  EXPECT_EQ(all.size(), 4u);
}

TEST(Registry, AScrapeVisitsEveryPairOnce) {
  Registry registry(2);
  registry.route("api", "eu");
  registry.route("api", "us");
  registry.route("api", "eu");
  std::multiset<std::string> seen;
  registry.for_each_route([&](const std::string& route, const std::string& region, const auto& cells) {
    EXPECT_EQ(cells.size(), 2u);
    seen.insert(route + "/" + region);
  });
  EXPECT_EQ(seen, (std::multiset<std::string>{"/", "api/eu", "api/us"}));
}

TEST(Registry, WhatReachesNoRouteIsCountedByEachWorkerUnderNoName) {
  Registry registry(2);
  const auto unrouted = registry.route("", "");
  EXPECT_EQ(registry.worker(0).unrouted, unrouted[0]);
  EXPECT_EQ(registry.worker(1).unrouted, unrouted[1]);
}

TEST(Registry, PastTheMostSeriesRoutesShareOnePairAndThatIsCounted) {
  constexpr size_t kPairs = Registry::kMaxSeries / Registry::kSeriesOfAPair;
  Registry registry(1);  // has the pair of no route already
  for (size_t i = 1; i < kPairs; ++i) registry.route("route-" + std::to_string(i), "eu");
  EXPECT_EQ(registry.series_dropped(), 0u);
  const auto known = registry.route("route-1", "eu");
  const auto first = registry.route("late", "eu"), second = registry.route("later", "eu");
  EXPECT_EQ(first, second);
  EXPECT_EQ(registry.route("late", "eu"), first) << "asked for again by the next reload";
  EXPECT_EQ(registry.series_dropped(), 2 * Registry::kSeriesOfAPair);
  EXPECT_EQ(registry.route("route-1", "eu"), known) << "who has cells keeps them";
  EXPECT_EQ(registry.route(Registry::kOther, Registry::kOther), first);
}

TEST(Registry, AKeyOfSessionsHasOneCountForEver) {
  Registry registry(1);
  sessions::SealCount& count = registry.seals(7);
  EXPECT_TRUE(count.take());
  EXPECT_EQ(registry.seals(8).sealed(), 0u);
  EXPECT_EQ(&registry.seals(7), &count);
  EXPECT_EQ(registry.seals(7).sealed(), 1u);
}

TEST(Registry, AListenerHasCountsOfEachWorker) {
  Registry registry(3);
  EXPECT_EQ(registry.listener("web").by_worker.size(), 3u);
  registry.listener("web").by_worker[2].responses[2].add();
  EXPECT_EQ(registry.listener("web").by_worker[2].responses[2].get(), 1u) << "the same after a reload";
}

}  // namespace
}  // namespace rhumb::admin
