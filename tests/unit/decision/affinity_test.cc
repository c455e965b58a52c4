// SPDX-License-Identifier: Apache-2.0
#include "decision/affinity.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::TestWorld;

Affinity judged(const TestWorld& w, uint64_t routed = ~uint64_t{0}, bool panic = false) {
  const CandidateSet fenced = w.policy.fence->candidates(w.facts);
  return judge(w.facts, *w.regions, w.states, fenced,
               fenced.narrowed([&](RegionIndex r) { return (routed >> r & 1) != 0; }), panic);
}

TEST(Affinity, EveryVerdictHasItsOwnName) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < static_cast<size_t>(Affinity::kCount); ++i)
    EXPECT_TRUE(seen.insert(name(static_cast<Affinity>(i))).second);
  EXPECT_EQ(name(Affinity::none), "none");
  EXPECT_EQ(name(Affinity::endpoint_gone), "endpoint_gone");
  EXPECT_EQ(name(Affinity::tried), "tried");
}

TEST(Affinity, WhatTheTokenReaderRefusedStaysRefused) {
  TestWorld w;
  for (const Affinity verdict :
       {Affinity::none, Affinity::expired, Affinity::forged, Affinity::key_unknown, Affinity::region_gone}) {
    w.facts.preference = {.region = TestWorld::us, .verdict = verdict};
    EXPECT_EQ(judged(w), verdict);
  }
}

TEST(Affinity, IsKeptInAHealthyRegionEvenWhileItDrains) {
  TestWorld w;
  w.facts.preference = {.region = TestWorld::us, .verdict = Affinity::kept};
  w.states.of[TestWorld::us].draining = true;
  EXPECT_EQ(judged(w), Affinity::kept);
}

TEST(Affinity, PanicKeepsItInARegionThatLooksDownUnlessAnOperatorTookThatOut) {
  TestWorld w;
  w.facts.preference = {.region = TestWorld::us, .verdict = Affinity::kept};
  w.states.of[TestWorld::us].healthy = false;
  EXPECT_EQ(judged(w, ~uint64_t{0}, true), Affinity::kept);
  w.states.of[TestWorld::us].endpoints_left = 0;
  EXPECT_EQ(judged(w, ~uint64_t{0}, true), Affinity::unhealthy);
}

TEST(Affinity, BreaksWithTheFirstReasonThatHolds) {
  TestWorld w;
  w.facts.preference = {.region = TestWorld::us, .verdict = Affinity::kept};
  w.states.of[TestWorld::us].healthy = false;
  EXPECT_EQ(judged(w), Affinity::unhealthy);
  w.facts.tried = uint64_t{1} << TestWorld::us;
  EXPECT_EQ(judged(w), Affinity::tried);
  EXPECT_EQ(judged(w, 0b101), Affinity::region_gone) << "the route no longer serves it";
  w.fence({{geo::Country::of("DE"), 0, 0b001}});
  EXPECT_EQ(judged(w), Affinity::fenced);
  w.facts.preference.region = 3;
  EXPECT_EQ(judged(w), Affinity::region_gone);
  w.facts.preference.region = kNoRegion;
  EXPECT_EQ(judged(w), Affinity::region_gone);
}

}  // namespace
}  // namespace rhumb::decision
