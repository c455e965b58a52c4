// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_kinds.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "verify_testing.h"

namespace rhumb::foresight {
namespace {

using ::testing::ElementsAre;
using testing::listening_spec;
using ::testing::Pair;
using testing::region_line;
using testing::three_regions;

Kinds kinds_with(const std::string& text, unsigned down = 1) {
  const config::Spec spec = listening_spec(text);
  return kinds_of(spec, spec.asserts, decision::compile_policies(spec), down);
}

TEST(VerifyKinds, AreCellsOfTheWorldThatPreferTheSame) {
  // Nearest first: two regions on the equator, half a world apart, and who is as far from both.
  const std::string two = "regions:\n" + region_line("west", 0, -90) + region_line("east", 0, 90);
  EXPECT_EQ(kinds_with(two + "routes: [{name: web, strategy: geographic}]\n").all.size(), 2u);
  EXPECT_EQ(kinds_with(three_regions(), 0).all.size(), 3u);
  const size_t orders = kinds_with(three_regions(), 2).all.size();
  EXPECT_GT(orders, 3u);
  EXPECT_LE(orders, 6u);
}

TEST(VerifyKinds, DoNotAskWhereClientsAreWhenNobodyDoes) {
  EXPECT_EQ(kinds_with(three_regions() + "routes: [{name: web, strategy: weighted}]\n").all.size(), 1u);
}

TEST(VerifyKinds, KeepNamedCountriesApart) {
  const Kinds kinds = kinds_with(three_regions() + "fence: [{countries: [DE], regions: [us]}]\n");
  const auto german = [](const Kind& kind) { return kind.country == geo::Country::of("DE"); };
  ASSERT_EQ(std::count_if(kinds.all.begin(), kinds.all.end(), german), 1);
  EXPECT_EQ(std::find_if(kinds.all.begin(), kinds.all.end(), german)->allowed, 0b010u);
}

TEST(VerifyKinds, ShareWhatRoutesAndTenantsDecideAlike) {
  const Kinds kinds = kinds_with(three_regions() +
                                 "fence: [{tenants: [acme], regions: [us]}]\n"
                                 "routes: [{name: a, match: {path: /a}, strategy: weighted}, {name: b, strategy: "
                                 "weighted}]\n");
  EXPECT_THAT(kinds.tenants, ElementsAre("", "acme"));
  ASSERT_EQ(kinds.all.size(), 2u);
  EXPECT_THAT(kinds.who[kinds.all[0].who], ElementsAre(Pair(0, 0), Pair(1, 0)));
  EXPECT_THAT(kinds.who[kinds.all[1].who], ElementsAre(Pair(0, 1), Pair(1, 1)));
}

}  // namespace
}  // namespace rhumb::foresight
