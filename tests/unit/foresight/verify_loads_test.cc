// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_loads.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

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

/// Up to four regions with limits, and one or two routes that do not draw.
std::string any_limited_regions() {
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
  return text + fmt::format("  - {{name: rest, strategy: {}}}\n", strategy());
}

/// A rule about so many requests of some countries, with up to so many of the fewest regions down.
std::string any_crowd_rule(const std::string& rule, int fewest_down) {
  namespace gen = rc::gen;
  std::string spread;
  for (const char* country : {"DE", "US", "BR", "JP", "ZA"})
    spread += fmt::format("{}{}: {}", spread.empty() ? "" : ", ", country, *gen::inRange(1, 4));
  return fmt::format("assert: [{{name: r, rule: {}, requests: {}, down: {}, spread: {{{}}}}}]\n", rule,
                     *gen::inRange(30, 250), *gen::inRange(fewest_down, 3), spread);
}

/// The requests of a rule, each country's on each route, sent one by one.
class SentCrowd {
 public:
  explicit SentCrowd(const config::Spec& spec) : policies_(decision::compile_policies(spec)) {
    const config::AssertSpec& rule = spec.asserts[0];
    double sum = 0;
    for (const auto& [country, part] : rule.spread) sum += part;
    for (const auto& [country, part] : rule.spread)
      for (size_t route = 0; route < spec.routes.size(); ++route)
        all_.push_back({middle_of(geo::Country::of(country)), route,
                        static_cast<double>(rule.requests) * part / sum / static_cast<double>(spec.routes.size())});
  }
  /// Sends them where they go with those regions down and so many in flight. Whether any goes elsewhere than before.
  bool send(uint64_t down, const std::vector<double>& in_flight) {
    decision::RegionStates states = decision::unmeasured(*policies_.regions);
    for (size_t r = 0; r < states.of.size(); ++r) {
      set_down(states.of[r], (down >> r & 1) != 0);
      states.of[r].in_flight = static_cast<uint32_t>(std::lround(in_flight[r]));
    }
    bool any = false;
    std::vector<decision::Candidate> rows(states.of.size());
    for (Sent& sent : all_) {
      decision::RequestFacts facts;
      facts.where = sent.from;
      const auto before = sent.at;
      sent.at = decision::decide(policies_.routes[sent.route].policy, states, facts, 0, rows).winner;
      if (sent.at != before) any = true, ++sent.moves;
    }
    return any;
  }
  std::vector<double> loads() const {
    std::vector<double> loads(policies_.regions->size(), 0);
    for (const Sent& sent : all_)
      if (sent.at != decision::kNoRegion) loads[sent.at] += sent.requests;
    return loads;
  }
  bool comes_to_rest(uint64_t down) {
    for (int round = 0; round < 64; ++round)
      if (!send(down, loads())) return true;
    return false;
  }
  /// From rest: those regions fail and come back, and all are where they were after two moves.
  bool bears(uint64_t down) const {
    SentCrowd crowd = *this;
    for (Sent& sent : crowd.all_) sent.moves = 0;
    if (!crowd.comes_to_rest(down) || !crowd.comes_to_rest(0)) return false;
    for (size_t i = 0; i < all_.size(); ++i)
      if (crowd.all_[i].at != all_[i].at || crowd.all_[i].moves > 2) return false;
    return true;
  }

 private:
  struct Sent {
    geo::Facts from;
    size_t route;
    double requests;
    decision::RegionIndex at = decision::kNoRegion;
    unsigned moves = 0;
  };
  decision::Policies policies_;
  std::vector<Sent> all_;
};

constexpr unsigned kNever = 99;

/// The fewest regions down for which `bad` is true, or kNever.
template <class Bad>
unsigned fewest_down(const config::Spec& spec, Bad&& bad) {
  unsigned fewest = kNever;
  for (uint64_t down = 0; down < uint64_t{1} << spec.regions.size(); ++down) {
    const auto failed = static_cast<unsigned>(std::popcount(down));
    if (failed <= spec.asserts[0].down && failed < fewest && bad(down)) fewest = failed;
  }
  return fewest;
}

/// The same, as verify found it.
unsigned fewest_found(const config::Spec& spec) {
  const auto found = verify(spec).rules.at(0).refutation;
  RC_CLASSIFY(found.has_value(), "refuted");
  RC_CLASSIFY(found.has_value() && found->down != 0, "by a failure");
  return found ? static_cast<unsigned>(std::popcount(found->down)) : kNever;
}

RC_GTEST_PROP(MaxLoad, AgreesWithAddingUpUnderEverySetOfFailures, ()) {
  const std::string share = fmt::format("max_load, share: {}%", *rc::gen::inRange(80, 200));
  const config::Spec spec = listening_spec(any_limited_regions() + any_crowd_rule(share, 0));
  const auto overloads = [&](uint64_t down) {
    SentCrowd crowd(spec);
    crowd.send(down, std::vector<double>(spec.regions.size(), 0));
    const std::vector<double> loads = crowd.loads();
    for (size_t r = 0; r < loads.size(); ++r) {
      const double most = spec.asserts[0].share * static_cast<double>(spec.regions[r].max_requests);
      if (loads[r] > most * (1 + 1e-9)) return true;
    }
    return false;
  };
  RC_ASSERT(fewest_found(spec) == fewest_down(spec, overloads));
}

RC_GTEST_PROP(NoOscillation, AgreesWithLettingEverySetOfRegionsFailAndComeBack, ()) {
  const config::Spec spec = listening_spec(any_limited_regions() + any_crowd_rule("no_oscillation", 1));
  SentCrowd calm(spec);
  const bool rests = calm.comes_to_rest(0);
  const auto oscillates = [&](uint64_t down) { return down == 0 ? !rests : !calm.bears(down); };
  RC_ASSERT(fewest_found(spec) == fewest_down(spec, oscillates));
}

}  // namespace
}  // namespace rhumb::foresight
