// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_loads.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <map>

#include "decision/policies.h"
#include "foresight/verify_places.h"
#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

using ::testing::HasSubstr;
using testing::listening_spec;
using testing::refuted;
using testing::region_line;
using testing::three_regions;

const std::string kLimit = ", max_requests: 100";

std::string load_rule(const std::string& more) { return "assert: [{name: r, rule: max_load, " + more + "}]\n"; }

TEST(MaxLoad, AddsUpWhatIsSentToARegion) {
  const std::string limits = three_regions(kLimit, kLimit, kLimit);
  const std::string spread = ", spread: {DE: 3, US: 1}, down: 0";
  EXPECT_FALSE(refuted(limits + load_rule("requests: 133" + spread)));
  const auto found = refuted(limits + load_rule("requests: 134" + spread));
  ASSERT_TRUE(found);
  EXPECT_THAT(found->expected, HasSubstr("eu"));
  EXPECT_EQ(found->facts.where.country, geo::Country::of("DE"));
  EXPECT_TRUE(refuted(limits + load_rule("requests: 133, share: 99%" + spread)));
}

TEST(MaxLoad, LooksAtWhoTakesOver) {
  const std::string limits = three_regions({}, kLimit, {});
  const std::string rest = "requests: 150, spread: {DE: 1, US: 1}, down: ";
  EXPECT_FALSE(refuted(limits + load_rule(rest + "0")));
  const auto found = refuted(three_regions(", backup: [us]", kLimit) + load_rule(rest + "1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0b001u);
}

TEST(MaxLoad, SharesDrawnRequestsByWeight) {
  const std::string route = "routes: [{name: web, strategy: weighted}]\n";
  const std::string limits = three_regions(", weight: 300", ", weight: 100" + kLimit, ", weight: 0");
  EXPECT_FALSE(refuted(limits + route + load_rule("requests: 340, spread: {DE: 1}, down: 0")));
  EXPECT_TRUE(refuted(limits + route + load_rule("requests: 460, spread: {DE: 1}, down: 0")));
}

/// Up to four regions with limits, one or two routes that do not draw, and a crowd of some countries.
std::string any_crowded_world() {
  namespace gen = rc::gen;
  const auto count = *gen::inRange<size_t>(2, 5);
  std::string text = "regions:\n";
  for (size_t r = 0; r < count; ++r) {
    const auto north = *gen::inRange(-70, 70), east = *gen::inRange(-180, 180);
    std::string more = fmt::format(", max_requests: {}, bias: {}", *gen::inRange(50, 150), *gen::inRange(0, 3) * 20);
    if (*gen::arbitrary<bool>()) more += fmt::format(", backup: [r{}]", (r + 1) % count);
    text += region_line(fmt::format("r{}", r), north, east, more);
  }
  const auto strategy = [] { return *gen::element("score", "geographic"); };
  text += "routes:\n";
  if (*gen::arbitrary<bool>())
    text += fmt::format("  - {{name: one, match: {{path: /one}}, strategy: {}, regions: [r0, r1]}}\n", strategy());
  text += fmt::format("  - {{name: rest, strategy: {}}}\n", strategy());
  std::string spread;
  for (const char* country : {"DE", "US", "BR", "JP", "ZA"})
    spread += fmt::format("{}{}: {}", spread.empty() ? "" : ", ", country, *gen::inRange(1, 4));
  return text + load_rule(fmt::format("requests: {}, share: {}%, down: {}, spread: {{{}}}", *gen::inRange(30, 250),
                                      *gen::inRange(80, 200), *gen::inRange<size_t>(0, count), spread));
}

/// What each region gets of the rule's crowd, by name, every request decided by itself.
std::map<std::string, double> added_up(const config::Spec& spec, const decision::Policies& policies, uint64_t down) {
  const config::AssertSpec& rule = spec.asserts[0];
  const decision::Regions& regions = *policies.regions;
  decision::RegionStates states = decision::unmeasured(regions);
  for (size_t r = 0; r < regions.size(); ++r) set_down(states.of[r], (down >> r & 1) != 0);
  double sum = 0;
  for (const auto& [country, part] : rule.spread) sum += part;
  std::map<std::string, double> loads;
  std::vector<decision::Candidate> rows(regions.size());
  for (const auto& [country, part] : rule.spread)
    for (const decision::RoutePolicy& route : policies.routes) {
      decision::RequestFacts facts;
      facts.where = middle_of(geo::Country::of(country));
      const decision::RegionIndex winner = decision::decide(route.policy, states, facts, 0, rows).winner;
      if (winner == decision::kNoRegion) continue;
      loads[regions[winner].name] += rule.requests * part / sum / static_cast<double>(policies.routes.size());
    }
  return loads;
}

/// The fewest regions down with which one of them gets too much; 99: they never do.
unsigned fewest_for_overload(const config::Spec& spec) {
  const decision::Policies policies = decision::compile_policies(spec);
  unsigned fewest = 99;
  for (uint64_t down = 0; down < uint64_t{1} << spec.regions.size(); ++down) {
    const auto failed = static_cast<unsigned>(std::popcount(down));
    if (failed > spec.asserts[0].down || failed >= fewest) continue;
    auto loads = added_up(spec, policies, down);
    for (const config::RegionSpec& region : spec.regions)
      if (loads[region.name] > spec.asserts[0].share * static_cast<double>(region.max_requests) * (1 + 1e-9))
        fewest = failed;
  }
  return fewest;
}

RC_GTEST_PROP(MaxLoad, AgreesWithAddingUpUnderEverySetOfFailures, ()) {
  const config::Spec spec = listening_spec(any_crowded_world());
  const auto found = verify(spec).rules.at(0).refutation;
  const unsigned fewest = fewest_for_overload(spec);
  RC_CLASSIFY(found.has_value(), "refuted");
  RC_CLASSIFY(found.has_value() && found->down != 0, "by a failure");
  RC_ASSERT((found ? static_cast<unsigned>(std::popcount(found->down)) : 99) == fewest);
}

std::string calm_rule(const std::string& more) {
  return "assert: [{name: r, rule: no_oscillation, spread: {DE: 1, US: 1}, " + more + "}]\n";
}

TEST(NoOscillation, HoldsWhereLoadSaysNothing) {
  EXPECT_FALSE(refuted(three_regions() + calm_rule("requests: 1000, down: 3")));
}

TEST(NoOscillation, IsRefutedByAHerd) {
  const std::string limits = three_regions(kLimit, kLimit, kLimit);
  const auto found =
      refuted(limits + "routes: [{name: web, score: {distance: 0.1, load: 1}}]\n" + calm_rule("requests: 150"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0u);
  EXPECT_THAT(found->found, HasSubstr("still moves"));
}

TEST(NoOscillation, IsRefutedByOneThatIsFullAndEmptyInTurn) {
  const auto found = refuted(three_regions(kLimit) + calm_rule("requests: 300"));
  ASSERT_TRUE(found);
  EXPECT_FALSE(refuted(three_regions(kLimit) + calm_rule("requests: 90")));
}

TEST(NoOscillation, LooksAtEveryFailure) {
  // Germany's requests fit into eu, and not into ap, where they go without it.
  const auto found = refuted(three_regions({}, {}, kLimit) + calm_rule("requests: 240"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->down, 0b001u);
}

}  // namespace
}  // namespace rhumb::foresight
