// SPDX-License-Identifier: Apache-2.0
// Proofs against trying: small random worlds, in which a plain loop over places, draws and failures looks for the same.
#include "foresight/verify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "base/random.h"
#include "decision/policies.h"
#include "foresight/verify_places.h"
#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

using decision::kNoRegion;
using decision::RegionIndex;
using Rule = config::AssertSpec::Rule;
using testing::listening_spec;
using testing::region_line;

/// A configuration with up to four regions, one or two routes and one rule about single decisions.
class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed) : random_(seed) {
    regions_ = 2 + pick(3);
    text_ = "regions:\n";
    for (size_t r = 0; r < regions_; ++r) text_ += region(r);
    if (pick(2) == 0) text_ += fmt::format("geo: {{countries: {{DE: r{}}}, default_region: r0}}\n", pick(regions_));
    if (pick(2) == 0)
      text_ += fmt::format("fence: [{{{}, regions: {}}}]\n",
                           one_of({"countries: [DE]", "countries: [DE]", "tenants: [acme]"}), some());
    text_ += "routes:\n";
    if (pick(2) == 0) text_ += "  - {name: one, match: {path: /one}, " + route();
    text_ += "  - {name: rest, " + route();
    text_ += rule();
  }
  const std::string& text() const { return text_; }

 private:
  size_t pick(size_t count) { return random_.below(count); }
  template <size_t N>
  const char* one_of(const char* const (&words)[N]) {
    return words[pick(N)];
  }
  std::string some() {
    std::string list;
    for (size_t r = 0; r < regions_; ++r)
      if (pick(2) == 0) list += fmt::format("{}r{}", list.empty() ? "" : ", ", r);
    return list.empty() ? "[r0]" : "[" + list + "]";
  }
  std::string region(size_t r) {
    std::string more = fmt::format(", weight: {}, priority: {}, dial: {}", one_of({"0", "1", "100"}), 1 + pick(2),
                                   one_of({"100%", "100%", "100%", "50%", "0%"}));
    if (pick(3) == 0) more += fmt::format(", backup: [r{}]", (r + 1) % regions_);
    if (pick(4) == 0) more += ", bias: 40";
    return region_line(fmt::format("r{}", r), double(pick(140)) - 70, double(pick(360)) - 180, more);
  }
  std::string route() {
    return fmt::format("regions: {}, strategy: {}{}}}\n", some(),
                       one_of({"score", "score", "geographic", "latency", "weighted", "round_robin", "priority"}),
                       pick(3) == 0 ? ", affinity: {key: cookie}" : "");
  }
  std::string rule() {
    const size_t down = pick(std::min<size_t>(3, regions_)) + 1;
    std::string out =
        fmt::format("assert: [{{name: r, rule: {}, down: {}", one_of({"stays_in", "served", "unmoved"}), down);
    if (out.find("stays_in") != std::string::npos) out += ", regions: " + some();
    if (pick(2) == 0) out += ", countries: [DE]";
    if (pick(3) == 0) out += ", tenants: [acme]";
    return out + "}]\n";
  }

  base::Random random_;
  size_t regions_ = 0;
  std::string text_;
};

/// One client of one route, and all that is known of the rule it is held against.
struct Tried {
  const config::AssertSpec& rule;
  const decision::Policy& policy;
  decision::RequestFacts facts;
  uint64_t wanted = 0;  // regions of stays_in

  /// Where the request is sent; in panic that may be a region that is down.
  RegionIndex winner(uint64_t draw, uint64_t down) const {
    decision::RegionStates states = decision::unmeasured(*policy.regions);
    for (size_t r = 0; r < states.of.size(); ++r) states.of[r].healthy = (down >> r & 1) == 0;
    std::vector<decision::Candidate> rows(states.of.size());
    return decision::decide(policy, states, facts, draw, rows).winner;
  }
  /// The same if it is up.
  RegionIndex server(uint64_t draw, uint64_t down) const {
    const RegionIndex sent = winner(draw, down);
    return sent != kNoRegion && (down >> sent & 1) == 0 ? sent : kNoRegion;
  }
  uint64_t may() const {
    uint64_t bits = 0;
    policy.fence->candidates(facts).for_each([&](RegionIndex r) { bits |= uint64_t{1} << r & policy.allowed; });
    return bits;
  }
  bool broken(uint64_t draw, uint64_t down) const {
    const RegionIndex now = winner(draw, down);
    if (rule.rule == Rule::stays_in) return now != kNoRegion && (wanted >> now & 1) == 0;
    const RegionIndex serves = server(draw, down);
    if (rule.rule == Rule::served) return serves == kNoRegion && (may() == 0 || (may() & ~down) != 0);
    for (size_t r = 0; r < policy.regions->size(); ++r) {
      if ((down >> r & 1) == 0) continue;
      const RegionIndex before = server(draw, down & ~(uint64_t{1} << r));
      if (before != r && before != serves) return true;
    }
    return false;
  }
};

class Trying {
 public:
  Trying(const config::Spec& spec) : spec_(spec), policies_(decision::compile_policies(spec)), rule_(spec.asserts[0]) {
    for (const Places& places : places_of({geo::Country::of("DE")}, true))
      for (size_t i = 0; i < places.at.size(); i += i < 3 ? 1 : 811) sample_.push_back(places.at[i]);
  }

  /// The fewest regions down with which some sampled client breaks the rule; 99: none does.
  unsigned fewest() const {
    unsigned fewest = 99;
    for (size_t r = 0; r < policies_.routes.size(); ++r)
      for (const char* tenant : {"", "acme"})
        for (const geo::Facts& where : sample_) fewest = std::min(fewest, fewest_of(r, tenant, where));
    return fewest;
  }

 private:
  static uint64_t draws_of(const decision::Policy& policy) {
    const auto partly = [](const decision::Region& r) { return r.dial > 0 && r.dial < 1; };
    const bool dialled = std::any_of(policy.regions->begin(), policy.regions->end(), partly);
    return policy.strategy->geographic && !dialled ? 1 : 40;
  }

  unsigned fewest_of(size_t route, const std::string& tenant, const geo::Facts& where) const {
    if (!rule_.countries.empty() && where.country != geo::Country::of("DE")) return 99;
    if (!rule_.tenants.empty() && tenant.empty()) return 99;
    const decision::Policy& policy = policies_.routes[route].policy;
    Tried tried{rule_, policy, {}, 0};
    tried.facts.where = where;
    tried.facts.tenant = decision::tenant_key(tenant);
    for (const std::string& name : rule_.regions) tried.wanted |= uint64_t{1} << policies_.find_region(name);
    unsigned fewest = 99;
    const size_t count = policy.regions->size();
    const uint64_t draws = draws_of(policy);
    const bool sticky = spec_.routes[route].affinity && rule_.rule == Rule::stays_in;
    for (size_t bound = 0; bound <= (sticky ? count : 0); ++bound) {
      if (bound != 0) tried.facts.preference = {.region = RegionIndex(bound - 1), .verdict = decision::Affinity::kept};
      for (uint64_t down = 0; down < uint64_t{1} << count; ++down) {
        const auto failed = static_cast<unsigned>(std::popcount(down));
        if (failed > rule_.down || failed >= fewest) continue;
        for (uint64_t i = 0; i < draws && failed < fewest; ++i)
          if (tried.broken(i < 8 ? i : base::mix64(i), down)) fewest = failed;
      }
    }
    return fewest;
  }

  const config::Spec& spec_;
  decision::Policies policies_;
  const config::AssertSpec& rule_;
  std::vector<geo::Facts> sample_;
};

TEST(Verify, AgreesWithTrying) {
  int refuted = 0, holding = 0;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    const RandomWorld world(seed);
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, world.text()));
    const config::Spec spec = listening_spec(world.text());
    if (::testing::Test::HasFailure()) return;
    const auto found = verify(spec).rules.at(0).refutation;
    const unsigned fewest = Trying(spec).fewest();
    found ? ++refuted : ++holding;
    if (!found) {
      EXPECT_EQ(fewest, 99u) << "a rule that was proved is broken";
      continue;
    }
    EXPECT_LE(static_cast<unsigned>(std::popcount(found->down)), fewest) << "there is a smaller counter-example";
    const decision::Policies policies = decision::compile_policies(spec);
    Tried shown{spec.asserts[0], found->policy, found->facts, 0};
    for (const std::string& name : spec.asserts[0].regions) shown.wanted |= uint64_t{1} << policies.find_region(name);
    EXPECT_TRUE(shown.broken(found->draw, found->down)) << "the counter-example is none: " << found->found;
  }
  EXPECT_GE(refuted, 8);
  EXPECT_GE(holding, 4);
}

TEST(Verify, SaysHowMuchItHasLookedAt) {
  const Verified all = testing::verified(testing::three_regions() +
                                         "assert: [{name: a, rule: served, down: 2}, {name: b, rule: unmoved}]\n");
  EXPECT_EQ(all.regions, (std::vector<std::string>{"eu", "us", "ap"}));
  EXPECT_EQ(all.failures, 7u);
  EXPECT_GT(all.places, 16'200u);
  EXPECT_EQ(all.rules.size(), 2u);
  EXPECT_EQ(all.rules[0].kinds, all.kinds);
  EXPECT_TRUE(all.holds());
}

TEST(Verify, ProvesOfAFileWithoutRulesThatSomebodyServes) {
  const Verified all = testing::verified(testing::three_regions());
  ASSERT_EQ(all.rules.size(), 1u);
  EXPECT_EQ(all.rules[0].rule.rule, Rule::served);
  EXPECT_EQ(all.rules[0].rule.down, 3u);
  EXPECT_EQ(default_rule(2).down, 2u);
}

}  // namespace
}  // namespace rhumb::foresight
