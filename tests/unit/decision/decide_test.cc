// SPDX-License-Identifier: Apache-2.0
#include "decision/decide.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "base/random.h"
#include "tests/unit/decision/decision_testing.h"

namespace rhumb::decision {
namespace {

using testing::ap;
using testing::eu;
using testing::TestWorld;
using testing::us;

TEST(Decide, TheNearestOfEqualsWinsAndTheNextIsRunnerUp) {
  TestWorld w;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, eu);
  EXPECT_EQ(d.runner_up, us);
  EXPECT_EQ(d.reason, Reason::best_score);
  w.at_boston();
  EXPECT_EQ(w.decide().winner, us);
}

TEST(Decide, EveryRegionHasItsRowWithTermsAndWhatRemovedIt) {
  TestWorld w;
  w.states.of[eu].healthy = false;
  const Decision d = w.decide();
  ASSERT_EQ(d.candidates.size(), 3u);
  EXPECT_EQ(d.candidates[eu].removed, Removed::unhealthy);
  EXPECT_GT(d.candidates[eu].score, d.candidates[us].score) << "a removed region still shows what it would have scored";
  EXPECT_EQ(d.candidates[us].removed, Removed::no);
}

TEST(Decide, AnUnhealthyRegionIsNeverPicked) {
  TestWorld w;
  w.states.of[eu].healthy = false;
  EXPECT_EQ(w.decide().winner, us);
  w.states.of[us].healthy = w.states.of[ap].healthy = false;
  w.policy.panic = false;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, kNoRegion);
  EXPECT_EQ(d.reason, Reason::no_healthy_region);
}

TEST(Decide, TheOnlyOneLeftSaysSo) {
  TestWorld w;
  w.states.of[eu].healthy = w.states.of[us].healthy = false;
  EXPECT_EQ(w.decide().reason, Reason::only_candidate);
}

TEST(Decide, TheFenceHoldsEvenWhenNobodyInsideIsHealthy) {
  TestWorld w;
  w.fence({{geo::Country::of("DE"), 0, 0b001}});
  EXPECT_EQ(w.decide().candidates[us].removed, Removed::fence);
  w.states.of[eu].healthy = false;
  w.policy.panic = false;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, kNoRegion);
  EXPECT_EQ(d.reason, Reason::no_healthy_region);
  w.policy.allowed = 0b110;
  EXPECT_EQ(w.decide().reason, Reason::fenced) << "no region is both inside the fence and on the route";
}

TEST(Decide, TriedRegionsAreOut) {
  TestWorld w;
  w.facts.tried = uint64_t{1} << eu;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, us);
  EXPECT_EQ(d.candidates[eu].removed, Removed::tried);
}

TEST(Decide, DialZeroTakesNothingAndHalfTakesAboutHalf) {
  TestWorld w;
  w.states.of[eu].dial = 0;
  for (uint64_t draw = 0; draw < 200; ++draw) ASSERT_NE(w.decide(draw).winner, eu);
  w.states.of[eu].dial = 0.5;
  int taken = 0;
  for (uint64_t draw = 0; draw < 10'000; ++draw) taken += w.decide(draw).winner == eu ? 1 : 0;
  EXPECT_NEAR(taken, 5000, 250);
}

TEST(Decide, ARegionAtItsCapacityIsOut) {
  TestWorld w;
  (*w.regions)[eu].max_requests = 10;
  w.states.of[eu].in_flight = 10;
  EXPECT_EQ(w.decide().candidates[eu].removed, Removed::at_capacity);
  EXPECT_EQ(w.decide().winner, us);
}

TEST(Decide, ATooSlowRegionIsOutUnlessAllAre) {
  TestWorld w;
  for (Region& region : *w.regions) region.max_latency = base::Millis(100);
  w.rtt(eu, 300);
  EXPECT_EQ(w.decide().candidates[eu].removed, Removed::too_slow);
  w.rtt(us, 400), w.rtt(ap, 101);
  const Decision d = w.decide();
  EXPECT_EQ(d.reason, Reason::all_slow);
  EXPECT_EQ(d.winner, eu) << "latency says nothing now, distance decides";
  w.policy.ignore_latency_when_all_slow = false;
  EXPECT_EQ(w.decide().winner, kNoRegion);
}

TEST(Decide, AKeptTokenWinsOverTheScore) {
  TestWorld w;
  w.facts.preference = {.region = ap, .verdict = Affinity::kept};
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, ap);
  EXPECT_EQ(d.runner_up, eu);
  EXPECT_EQ(d.reason, Reason::sticky);
  EXPECT_EQ(d.affinity, Affinity::kept);
}

TEST(Decide, ADrainingRegionKeepsItsSessionsAndTakesNoOthers) {
  TestWorld w;
  w.states.of[eu].draining = true;
  EXPECT_EQ(w.decide().winner, us);
  w.facts.preference = {.region = eu, .verdict = Affinity::kept};
  EXPECT_EQ(w.decide().winner, eu);
}

TEST(Decide, ABrokenAffinitySaysWhy) {
  TestWorld w;
  w.facts.preference = {.region = ap, .verdict = Affinity::kept};
  w.states.of[ap].healthy = false;
  EXPECT_EQ(w.decide().affinity, Affinity::unhealthy);
  EXPECT_EQ(w.decide().winner, eu);
  w.states.of[ap].healthy = true;
  w.facts.tried = uint64_t{1} << ap;
  EXPECT_EQ(w.decide().affinity, Affinity::tried);
  w.facts.tried = 0;
  w.fence({{geo::Country::of("DE"), 0, 0b001}});
  EXPECT_EQ(w.decide().affinity, Affinity::fenced);
  w.facts.preference.region = 40;
  EXPECT_EQ(w.decide().affinity, Affinity::region_gone);
  w.facts.preference.verdict = Affinity::forged;
  EXPECT_EQ(w.decide().affinity, Affinity::forged) << "what the reader said stays";
}

TEST(Decide, TheCountryTableGoesBeforeDistance) {
  TestWorld w;
  w.policy.countries = {{geo::Country::of("DE"), us}};
  Decision d = w.decide();
  EXPECT_EQ(d.winner, us);
  EXPECT_EQ(d.reason, Reason::country);
  w.strategy("latency");
  EXPECT_NE(w.decide().reason, Reason::country) << "only geographic strategies ask it";
}

TEST(Decide, ACountrysRegionThatIsDownGoesToItsBackup) {
  TestWorld w;
  w.policy.countries = {{geo::Country::of("DE"), us}};
  (*w.regions)[us].backup = {ap, eu};
  w.states.of[us].healthy = false;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, ap);
  EXPECT_EQ(d.reason, Reason::backup);
}

TEST(Decide, AnExplicitBackupGoesBeforeTheNextBestScore) {
  TestWorld w;
  (*w.regions)[eu].backup = {ap};
  w.states.of[eu].healthy = false;
  EXPECT_EQ(w.decide().winner, ap);
  EXPECT_EQ(w.decide().reason, Reason::backup);
  w.states.of[ap].healthy = false;
  EXPECT_EQ(w.decide().winner, us) << "the backup is down too: the next best";
}

TEST(Decide, AClientNothingIsKnownOfGoesToTheDefault) {
  TestWorld w;
  w.facts.where = {};
  w.policy.default_region = ap;
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, ap);
  EXPECT_EQ(d.reason, Reason::default_region);
}

TEST(Decide, ExplorationIgnoresLatencyForItsShareOfDraws) {
  TestWorld w;
  w.rtt(eu, 2000), w.rtt(us, 1), w.rtt(ap, 2000);
  ASSERT_EQ(w.decide().winner, us);
  w.policy.exploration = 0.1;
  int explored = 0;
  for (uint64_t draw = 0; draw < 10'000; ++draw) {
    const Decision d = w.decide(draw);
    if (d.reason != Reason::exploration) continue;
    ++explored;
    EXPECT_EQ(d.winner, eu);
  }
  EXPECT_NEAR(explored, 1000, 150);
}

TEST(Decide, IsTheSameBitForBitForTheSameInputs) {
  TestWorld a, b;
  a.policy.exploration = b.policy.exploration = 0.3;
  for (uint64_t draw = 0; draw < 500; ++draw) {
    const Decision x = a.decide(draw), y = b.decide(draw);
    ASSERT_EQ(x.winner, y.winner);
    ASSERT_EQ(x.runner_up, y.runner_up);
    ASSERT_EQ(x.reason, y.reason);
    for (size_t i = 0; i < 3; ++i)
      ASSERT_EQ(std::memcmp(&x.candidates[i].score, &y.candidates[i].score, sizeof(float)), 0);
  }
}

TEST(Decide, ReasonsAndRemovalsHaveNamesOfTheirOwn) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < static_cast<size_t>(Reason::kCount); ++i)
    EXPECT_TRUE(seen.insert(name(static_cast<Reason>(i))).second);
  for (size_t i = 0; i < static_cast<size_t>(Removed::kCount); ++i)
    EXPECT_TRUE(seen.insert(name(static_cast<Removed>(i))).second);
  EXPECT_EQ(name(Reason::fenced), "fenced");
  EXPECT_EQ(name(Removed::at_capacity), "at_capacity");
}

TEST(Decide, TheFirstReasonOfRemovalIsTheOneShown) {
  TestWorld w;
  Region& region = (*w.regions)[eu];
  RegionState& state = w.states.of[eu];
  region.max_requests = 1, region.max_latency = base::Millis(1);
  state.dial = 0, state.in_flight = 1, state.draining = true, state.healthy = false;
  w.rtt(eu, 100);
  w.facts.tried = 1;
  w.policy.allowed = 0b110;
  w.fence({{geo::Country::of("DE"), 0, 0b110}});
  const auto shown = [&] { return w.decide().candidates[eu].removed; };
  EXPECT_EQ(shown(), Removed::fence);
  w.fence({});
  EXPECT_EQ(shown(), Removed::route);
  w.policy.allowed = 0b111;
  EXPECT_EQ(shown(), Removed::tried);
  w.facts.tried = 0;
  EXPECT_EQ(shown(), Removed::unhealthy);
  state.healthy = true;
  EXPECT_EQ(shown(), Removed::draining);
  state.draining = false;
  EXPECT_EQ(shown(), Removed::dial);
  state.dial = 1;
  EXPECT_EQ(shown(), Removed::at_capacity);
  state.in_flight = 0;
  EXPECT_EQ(shown(), Removed::too_slow);
  region.max_latency = {};
  EXPECT_EQ(shown(), Removed::no);
}

TEST(Decide, DialZeroHoldsInFailoverToo) {
  TestWorld w;
  w.states.of[us].dial = 0;
  (*w.regions)[eu].backup = {us};
  w.states.of[eu].healthy = false;
  EXPECT_EQ(w.decide().winner, ap);
  set_down(w.states.of[eu], true), set_down(w.states.of[ap], true);
  EXPECT_EQ(w.decide().reason, Reason::no_healthy_region);
}

TEST(Decide, ATokenIgnoresWhatIsAboutNewClients) {
  TestWorld w;
  w.facts.preference = {.region = eu, .verdict = Affinity::kept};
  Region& region = (*w.regions)[eu];
  region.max_requests = 1, region.max_latency = base::Millis(1);
  w.states.of[eu].dial = 0, w.states.of[eu].in_flight = 5, w.states.of[eu].draining = true;
  w.rtt(eu, 900);
  const Decision d = w.decide();
  EXPECT_EQ(d.winner, eu);
  EXPECT_EQ(d.reason, Reason::sticky);
  EXPECT_EQ(d.candidates[eu].removed, Removed::draining) << "the row still says what new clients would meet";
}

TEST(Decide, ABackupStandsInForWhoWouldHaveWonWhateverRemovedIt) {
  TestWorld w;
  (*w.regions)[eu].backup = {ap};
  (*w.regions)[us].backup = {eu};
  EXPECT_EQ(w.decide().reason, Reason::best_score) << "nobody is gone";
  w.states.of[us].healthy = false;
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().reason, Reason::best_score) << "us would not have won";
  w.states.of[us].healthy = true;
  w.facts.tried = 1;
  EXPECT_EQ(w.decide().winner, ap);
  w.facts.tried = 0;
  w.states.of[eu].draining = true;
  EXPECT_EQ(w.decide().winner, ap);
  EXPECT_EQ(w.decide().runner_up, us);
}

TEST(Decide, ABackupOutsideTheFenceDoesNotStandIn) {
  TestWorld w;
  (*w.regions)[eu].backup = {ap};
  w.states.of[eu].healthy = false;
  w.fence({{geo::Country::of("DE"), 0, 0b011}});
  EXPECT_EQ(w.decide().winner, us);
}

TEST(Decide, TheCountryTableCannotCrossTheFence) {
  TestWorld w;
  w.policy.countries = {{geo::Country::of("DE"), ap}};
  w.fence({{geo::Country::of("DE"), 0, 0b011}});
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().reason, Reason::best_score);
}

TEST(Decide, AllSlowLetsTheLatencyStrategyGoByDistance) {
  TestWorld w;
  w.strategy("latency");
  for (Region& region : *w.regions) region.max_latency = base::Millis(100);
  w.rtt(eu, 900), w.rtt(us, 101), w.rtt(ap, 102);
  EXPECT_EQ(w.decide().winner, eu);
  EXPECT_EQ(w.decide().reason, Reason::all_slow);
}

TEST(Decide, SixtyFourRegionsFit) {
  TestWorld w;
  while (w.regions->size() < kMaxRegions) w.add("more", -80, static_cast<double>(w.regions->size()));
  w.states.of[eu].healthy = false;
  EXPECT_EQ(w.decide().winner, us);
  w.at(-80, 63, "AQ");
  EXPECT_EQ(w.decide().winner, 63);
}

/// Random worlds: regions, health, fences, tokens, garbage numbers.
class RandomWorlds : public ::testing::TestWithParam<const char*> {};

TEST_P(RandomWorlds, TheWinnerIsAlwaysACandidateTheFenceAllows) {
  base::Random random(11);
  const double garbage[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -1e308,
                            0, 1e308};
  for (int round = 0; round < 3000; ++round) {
    TestWorld w;
    const size_t more = random.below(5);
    for (size_t i = 0; i < more; ++i)
      w.add("more", static_cast<double>(random.below(180)) - 90, static_cast<double>(random.below(360)) - 180);
    const uint64_t mask = random.next() & ((uint64_t{1} << w.regions->size()) - 1);
    w.fence({{geo::Country::of("DE"), 0, mask}});
    w.strategy(GetParam());
    w.policy.exploration = random.below(2) == 0 ? 0.5 : 0;
    for (auto& state : w.states.of)
      state.healthy = random.below(3) != 0,
      state.rtt = base::Micros(static_cast<int64_t>(random.below(400'000)) - 1000);
    for (auto& region : *w.regions)
      region.weight = random.below(4) == 0 ? garbage[random.below(5)] : static_cast<double>(random.below(100));
    for (auto& weight : w.policy.weights) weight = random.below(6) == 0 ? garbage[random.below(5)] : weight;
    if (random.below(3) == 0)
      w.facts.preference = {.region = static_cast<RegionIndex>(random.below(9)), .verdict = Affinity::kept};
    w.facts.tried = random.next() & random.next() & mask;
    const Decision d = w.decide(random.next());
    if (d.winner == kNoRegion) continue;
    ASSERT_LT(d.winner, w.regions->size());
    ASSERT_NE(mask >> d.winner & 1, 0u) << "outside the fence";
    ASSERT_EQ(w.facts.tried >> d.winner & 1, 0u) << "tried before";
    ASSERT_EQ(w.states.of[d.winner].healthy, d.reason != Reason::panic);
    ASSERT_NE(d.winner, d.runner_up);
    for (const Candidate& row : d.candidates) ASSERT_TRUE(std::isfinite(row.score));
  }
}

/// All but round robin, where a turn is a turn among those that are there.
class SteadyWorlds : public ::testing::TestWithParam<const char*> {};

TEST_P(SteadyWorlds, AnUnrelatedRegionsFailureMovesNobody) {
  base::Random random(5);
  int checked = 0;
  for (int round = 0; round < 3000; ++round) {
    TestWorld w;
    w.add("sa", -23.5, -46.6), w.add("af", -33.9, 18.4);
    w.strategy(GetParam());
    w.at(static_cast<double>(random.below(180)) - 90, static_cast<double>(random.below(360)) - 180, "XX");
    for (RegionState& state : w.states.of) {
      state.rtt = base::Millis(static_cast<int64_t>(random.below(300)));
      state.healthy = random.below(4) != 0;
      state.draining = random.below(8) == 0;
      state.dial = random.below(3) == 0 ? 0.5f : 1;
    }
    for (Region& region : *w.regions) {
      region.priority = static_cast<int32_t>(random.below(2));
      region.weight = static_cast<double>(1 + random.below(9));
      region.max_latency = base::Millis(random.below(3) == 0 ? 200 : 0);
      if (random.below(3) == 0) region.backup = {static_cast<RegionIndex>(random.below(5))};
    }
    const uint64_t draw = random.next();
    const RegionIndex before = w.decide(draw).winner;
    const auto failing = static_cast<RegionIndex>(random.below(5));
    if (before == kNoRegion || failing == before || !w.states.of[failing].healthy) continue;
    ++checked;
    w.states.of[failing].healthy = false;
    ASSERT_EQ(w.decide(draw).winner, before);
  }
  EXPECT_GT(checked, 1000);
}

TEST_P(RandomWorlds, AnyNumberInEveryFieldStillGivesASoundDecision) {
  base::Random random(23);
  const double odd[] = {std::numeric_limits<double>::quiet_NaN(),
                        std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(),
                        -1e308,
                        1e308,
                        5e-324,
                        -0.0,
                        0,
                        1,
                        50};
  const auto any = [&] { return odd[random.below(std::size(odd))]; };
  for (int round = 0; round < 3000; ++round) {
    TestWorld w;
    w.strategy(GetParam());
    w.facts.where.point = {any(), any()};
    w.facts.where.accuracy_km = static_cast<uint16_t>(random.next());
    for (RegionState& state : w.states.of) {
      state.rtt = base::Micros(static_cast<int64_t>(random.next()));
      state.in_flight = static_cast<uint32_t>(random.next());
      state.error_rate = static_cast<float>(any());
      state.dial = random.below(2) == 0 ? static_cast<float>(any()) : 1;
    }
    for (Region& region : *w.regions) {
      region.at = {any(), any()};
      region.weight = any(), region.bias = any();
      region.max_requests = random.below(2) == 0 ? random.next() : 0;
      region.max_latency = base::Micros(static_cast<int64_t>(random.next()));
    }
    w.policy.max_weight = any(), w.policy.exploration = any();
    for (double& weight : w.policy.weights) weight = any();
    const Decision d = w.decide(random.next());
    for (const Candidate& row : d.candidates) {
      ASSERT_TRUE(std::isfinite(row.score));
      for (const float value : row.values) ASSERT_TRUE(value >= -1 && value <= 1);
    }
    bool left = false;
    for (const Candidate& row : d.candidates) left = left || row.removed == Removed::no;
    ASSERT_EQ(left, d.winner != kNoRegion) << "whoever is left can win, and nobody else";
    for (const RegionIndex r : {d.winner, d.runner_up})
      ASSERT_TRUE(r == kNoRegion || d.candidates[r].removed == Removed::no);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RandomWorlds,
                         ::testing::Values("score", "latency", "geographic", "weighted", "round_robin", "priority"),
                         [](const auto& strategy) { return std::string(strategy.param); });
INSTANTIATE_TEST_SUITE_P(All, SteadyWorlds, ::testing::Values("score", "latency", "geographic", "weighted", "priority"),
                         [](const auto& strategy) { return std::string(strategy.param); });

}  // namespace
}  // namespace rhumb::decision
