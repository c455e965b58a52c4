// SPDX-License-Identifier: Apache-2.0
#include "decision/detour.h"

#include <gtest/gtest.h>

#include "geo/distance.h"

namespace rhumb::decision {
namespace {

/// Three regions on a line, and a client near the first.
class Detour : public ::testing::Test {
 protected:
  Detour() {
    add("frankfurt", 50.1, 8.7);
    add("virginia", 37.5, -77.5);
    add("singapore", 1.3, 103.8);
    facts_.where.has_point = true;
    facts_.where.point = {52.5, 13.4};
  }
  void add(const char* name, double latitude, double longitude) {
    Region region;
    region.name = name;
    region.at = {latitude, longitude};
    region.has_point = true;
    regions_.push_back(region);
  }
  /// As decide() leaves it, with `winner` for a reason of its own.
  double of(RegionIndex winner) {
    rows_.clear();
    for (RegionIndex i = 0; i < regions_.size(); ++i) {
      Candidate row;
      row.region = i;
      row.values[static_cast<size_t>(TermIndex::distance)] =
          static_cast<float>(distance_term.value({regions_[i], state_, facts_, policy_}));
      rows_.push_back(row);
    }
    Decision decision;
    decision.winner = winner;
    decision.candidates = rows_;
    return detour_km(decision, regions_, facts_);
  }
  double km(RegionIndex region) const { return geo::distance_km(facts_.where.point, regions_[region].at); }

  Policy policy_;
  Regions regions_;
  RegionState state_;
  RequestFacts facts_;
  std::vector<Candidate> rows_;
};

TEST_F(Detour, IsNoneToTheNearest) { EXPECT_EQ(of(0), 0); }

TEST_F(Detour, IsTheDifferenceOfTheDistances) {
  EXPECT_DOUBLE_EQ(of(1), km(1) - km(0));
  EXPECT_DOUBLE_EQ(of(2), km(2) - km(0));
  EXPECT_GT(of(1), 6000);
}

TEST_F(Detour, CountsFromTheNearestAlsoWhenThatOneIsNoCandidate) {
  of(1);
  rows_[0].removed = Removed::unhealthy;
  Decision decision;
  decision.winner = 1;
  decision.candidates = rows_;
  EXPECT_DOUBLE_EQ(detour_km(decision, regions_, facts_), km(1) - km(0));
}

TEST_F(Detour, AVagueClientChangesNothingOfIt) {
  const double sure = of(1);
  facts_.where.accuracy_km = 1000;
  EXPECT_DOUBLE_EQ(of(1), sure);
}

TEST_F(Detour, IsUnknownWithoutTheirPlaces) {
  EXPECT_LT(of(kNoRegion), 0);
  regions_[2].has_point = false;
  EXPECT_LT(of(2), 0);
  EXPECT_EQ(of(0), 0) << "one region without a place is no nearer than others";
  facts_.where.has_point = false;
  EXPECT_LT(of(0), 0);
}

TEST_F(Detour, TwoRegionsInOnePlaceAreEquallyNear) {
  add("frankfurt-2", 50.1, 8.7);
  EXPECT_EQ(of(0), 0);
  EXPECT_EQ(of(3), 0);
}

}  // namespace
}  // namespace rhumb::decision
