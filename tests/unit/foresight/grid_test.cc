// SPDX-License-Identifier: Apache-2.0
#include "foresight/grid.h"

#include <gtest/gtest.h>

#include <set>

#include "geo/centroids.h"
#include "grid_testing.h"

namespace rhumb::foresight {
namespace {

using decision::kNoRegion;
using decision::Reason;
using testing::cell_at;
using testing::grid_of;

const std::string kByDistance = "routes: [{name: all, score: {distance: 1}}]\n";

std::string winner_at(const Grid& grid, double latitude, double longitude) {
  return std::string(grid.winner(cell_at(grid, latitude, longitude)));
}

TEST(Grid, HasACellForEachPartOfTheWorld) {
  for (const int degrees : {1, 2, 5}) {
    const Grid grid = grid_of(kByDistance, {.degrees = degrees});
    EXPECT_EQ(grid.columns() * grid.rows(), grid.cells.size());
    EXPECT_EQ(grid.rows(), 180u / static_cast<size_t>(degrees));
    EXPECT_EQ(grid.cells.front().at, (geo::Point{90 - degrees / 2.0, -180 + degrees / 2.0}));
    EXPECT_EQ(grid.cells.back().at, (geo::Point{-90 + degrees / 2.0, 180 - degrees / 2.0}));
  }
}

TEST(Grid, TheNearestWinsByDistance) {
  const Grid grid = grid_of(kByDistance);
  EXPECT_EQ(winner_at(grid, 52, 13), "eu");
  EXPECT_EQ(winner_at(grid, 42, -71), "us");
  EXPECT_EQ(winner_at(grid, 1, 103), "ap") << "however little its dial lets in";
  const Cell& berlin = cell_at(grid, 52, 13);
  EXPECT_EQ((*grid.regions)[berlin.runner_up].name, "us");
  EXPECT_GT(berlin.margin, 0.2);
  EXPECT_EQ(berlin.reason, Reason::best_score);
  EXPECT_LT(cell_at(grid, 60, -32).margin, 0.06) << "half way";
}

TEST(Grid, ExploresNothing) {
  const Grid plain = grid_of(kByDistance), curious = grid_of("latency: {exploration: 100%}\n" + kByDistance);
  EXPECT_TRUE(changes(plain, curious).empty());
}

TEST(Grid, ARegionThatIsDownWinsNothing) {
  const Grid grid = grid_of(kByDistance, {.down = "eu"});
  EXPECT_EQ(shares(grid)[0].cells, 0u);
  EXPECT_EQ(winner_at(grid, 52, 13), "us");
}

TEST(Grid, CountriesComeFromThePopulationElseFromTheNearestCentroid) {
  const std::string fenced = "fence: [{countries: [DE], regions: [ap]}]\n" + kByDistance;
  EXPECT_EQ(winner_at(grid_of(fenced, {.degrees = 1}), 51.5, 10.5), "ap");
  EXPECT_FALSE(cell_at(grid_of(fenced), -40, -120).country.known()) << "the sea is nobody's";
  const std::vector<Place> people = {{{52.5, 13.5}, geo::Country::of("PL"), 1},
                                     {{52.6, 13.5}, geo::Country::of("DE"), 3},
                                     {{42, -71}, geo::Country::of("US"), 4}};
  const Grid grid = grid_of(fenced, {.degrees = 1, .population = people});
  EXPECT_EQ(cell_at(grid, 52.5, 13.5).country.view(), "DE") << "most of who lives there";
  EXPECT_DOUBLE_EQ(cell_at(grid, 52.5, 13.5).weight, 0.5);
  EXPECT_EQ(winner_at(grid, 52.5, 13.5), "ap");
}

TEST(Grid, ATenantIsFenced) {
  const std::string fenced = "tenant: {key: host}\nfence: [{tenants: [acme], regions: [us]}]\n" + kByDistance;
  EXPECT_EQ(shares(grid_of(fenced, {.tenant = "acme"}))[1].cells, 36u * 72u);
  EXPECT_LT(shares(grid_of(fenced))[1].cells, 36u * 72u);
}

TEST(Grid, ByCountryHasALineForEach) {
  const Grid grid = grid_of("geo: {countries: {FR: us}}\n" + kByDistance, {.degrees = 0});
  ASSERT_EQ(grid.cells.size(), geo::all_countries().size());
  EXPECT_EQ(grid.rows(), grid.cells.size());
  std::set<std::string_view> seen;
  for (const Cell& cell : grid.cells) {
    seen.insert(cell.country.view());
    if (cell.country.view() != "FR") continue;
    EXPECT_EQ(grid.winner(cell), "us");
    EXPECT_EQ(cell.reason, Reason::country);
  }
  EXPECT_EQ(seen.size(), grid.cells.size());
}

TEST(Grid, SaysThatAStrategyDraws) {
  EXPECT_FALSE(grid_of(kByDistance).drawn);
  for (const char* strategy : {"weighted", "round_robin", "priority"})
    EXPECT_TRUE(grid_of(std::string("routes: [{name: all, strategy: ") + strategy + "}]\n").drawn) << strategy;
}

TEST(Grid, SharesAddUp) {
  const Grid grid = grid_of("fence: [{countries: [DE], regions: [eu]}]\n" + kByDistance, {.degrees = 1, .down = "eu"});
  size_t cells = 0;
  double weight = 0;
  for (const Share& share : shares(grid)) cells += share.cells, weight += share.weight;
  EXPECT_EQ(cells, grid.cells.size());
  EXPECT_NEAR(weight, 1, 1e-9);
  EXPECT_EQ(shares(grid).back().region, "-") << "Germany's clients may go nowhere";
  EXPECT_GT(shares(grid).back().cells, 0u);
}

TEST(Grid, ChangesAreCountedByNames) {
  const Grid before = grid_of(kByDistance), after = grid_of(kByDistance, {.down = "eu"});
  EXPECT_TRUE(changes(before, before).empty());
  const auto all = changes(before, after);
  size_t cells = 0;
  double weight = 0;
  for (const Change& change : all) {
    EXPECT_EQ(change.from, "eu");
    cells += change.cells, weight += change.weight;
  }
  EXPECT_EQ(cells, shares(before)[0].cells);
  EXPECT_NEAR(weight, shares(before)[0].weight, 1e-9);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_GE(all[0].weight, all[1].weight);
}

}  // namespace
}  // namespace rhumb::foresight
