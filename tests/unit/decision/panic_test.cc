// SPDX-License-Identifier: Apache-2.0
// What happens when every region looks down.
#include <gtest/gtest.h>

#include "base/random.h"
#include "decision/decide.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

TestWorld all_down() {
  TestWorld w;
  for (RegionState& state : w.states.of) state.healthy = false, state.endpoints_up = 0;
  return w;
}

TEST(Panic, ServesWhereTheClientWouldGoWereAllUp) {
  TestWorld w = all_down();
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, eu);
  EXPECT_EQ(d.runner_up, us);
  EXPECT_EQ(d.reason, Reason::panic);
  EXPECT_EQ(d.candidates[eu].removed, Removed::no);
  w.at_boston();
  EXPECT_EQ(w.decide().winner, us);
}

TEST(Panic, IsNoneWhileOneRegionLooksUp) {
  TestWorld w = all_down();
  w.states.of[ap].healthy = true;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, ap);
  EXPECT_EQ(d.reason, Reason::only_candidate);
  EXPECT_EQ(d.candidates[eu].removed, Removed::unhealthy);
}

TEST(Panic, IsNoneWhileTheOneThatLooksUpIsFull) {
  TestWorld w = all_down();
  w.states.of[ap].healthy = true;
  (*w.regions)[ap].max_requests = w.states.of[ap].in_flight = 5;
  EXPECT_EQ(w.decide().winner, kNoRegion) << "a region with too much to do is no reason to ask the dead";
}

TEST(Panic, IsNoneForARetryOfWhatALivingRegionFailed) {
  TestWorld w = all_down();
  w.states.of[ap].healthy = true;
  w.facts.tried = 1 << ap;
  EXPECT_EQ(w.decide().winner, kNoRegion);
}

TEST(Panic, GoesOnWithARetry) {
  TestWorld w = all_down();
  w.facts.tried = 1 << eu;
  EXPECT_EQ(w.decide().winner, us);
  EXPECT_EQ(w.decide().reason, Reason::panic);
  w.facts.tried = 0b111;
  EXPECT_EQ(w.decide().winner, kNoRegion);
}

TEST(Panic, LeavesAloneWhatAnOperatorHasTakenOut) {
  TestWorld w = all_down();
  w.states.of[eu].endpoints_left = 0;
  EXPECT_EQ(w.decide().winner, us);
  EXPECT_EQ(w.decide().candidates[eu].removed, Removed::unhealthy);
  w.states.of[us].draining = true;
  EXPECT_EQ(w.decide().winner, ap);
  w.states.of[ap].dial = 0;
  EXPECT_EQ(w.decide().winner, kNoRegion);
  EXPECT_EQ(w.decide().reason, Reason::no_healthy_region);
}

TEST(Panic, ComesWhenTheLivingOnesTakeNobodyNew) {
  TestWorld w = all_down();
  w.states.of[eu].healthy = true;
  w.states.of[eu].draining = true;
  EXPECT_EQ(w.decide().winner, us);
  EXPECT_EQ(w.decide().reason, Reason::panic);
  w.facts.preference = {.region = eu, .verdict = Affinity::kept};
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().reason, Reason::sticky) << "its region is up";
}

TEST(Panic, KeepsSessionsWhereTheyAre) {
  TestWorld w = all_down();
  w.facts.preference = {.region = ap, .verdict = Affinity::kept};
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, ap);
  EXPECT_EQ(d.affinity, Affinity::kept);
  EXPECT_EQ(d.reason, Reason::panic);
}

TEST(Panic, StaysInsideTheFenceAndTheRoute) {
  TestWorld w = all_down();
  w.fence({{geo::Country::of("DE"), 0, 0b100}});
  EXPECT_EQ(w.decide().winner, ap);
  w.at_boston();
  w.policy.allowed = 0b001;
  EXPECT_EQ(w.decide().winner, eu);
  w.fence({{geo::Country::of("US"), 0, 0b100}});
  EXPECT_EQ(w.decide().reason, Reason::fenced);
}

/// The same with all of them up, whatever else is set.
TEST(Panic, DecidesAsIfAllWereUp) {
  base::Random random(7);
  const auto one_in = [&](uint64_t n) { return random.below(n) == 0; };
  const char* const strategies[] = {"score", "latency", "geographic", "weighted", "round_robin", "priority"};
  for (int i = 0; i < 2000; ++i) {
    TestWorld w = all_down();
    w.strategy(strategies[random.below(6)]);
    if (one_in(2)) w.at_boston();
    if (one_in(3)) (*w.regions)[eu].backup = {ap};
    if (one_in(3)) w.policy.countries = {{geo::Country::of("DE"), us}};
    if (one_in(3))
      w.facts.preference = {.region = static_cast<RegionIndex>(random.below(3)), .verdict = Affinity::kept};
    for (RegionIndex r = 0; r < 3; ++r) {
      if (one_in(4)) w.states.of[r].draining = true;
      if (one_in(4)) w.states.of[r].dial = 0.5F;
      w.rtt(r, static_cast<int>(random.below(100)));
    }
    const uint64_t draw = random.next();
    const Decision down = w.decide(draw);
    const RegionIndex winner = down.winner, second = down.runner_up;
    const Reason reason = down.reason;
    for (RegionState& state : w.states.of) state.healthy = true;
    const Decision up = w.decide(draw);
    ASSERT_EQ(winner, up.winner) << "try " << i;
    ASSERT_EQ(second, up.runner_up) << "try " << i;
    ASSERT_EQ(reason, winner == kNoRegion ? Reason::no_healthy_region : Reason::panic);
  }
}

}  // namespace
}  // namespace rhumb::decision
