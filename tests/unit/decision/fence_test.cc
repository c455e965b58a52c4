// SPDX-License-Identifier: Apache-2.0
#include "decision/fence.h"

#include <gtest/gtest.h>

namespace rhumb::decision {
namespace {

RequestFacts from(const char* country) {
  RequestFacts facts;
  facts.where.country = geo::Country::of(country);
  return facts;
}

TEST(Fence, WithoutRulesEverybodyMayGoAnywhere) {
  EXPECT_EQ(Fence(5).candidates(from("DE")).size(), 5u);
  EXPECT_EQ(Fence(64).candidates(from("")).size(), 64u);
}

TEST(Fence, ARuleHoldsForItsCountryAlone) {
  const Fence fence(3, {{geo::Country::of("DE"), 0, 0b101}});
  const CandidateSet set = fence.candidates(from("DE"));
  EXPECT_TRUE(set.contains(0) && !set.contains(1) && set.contains(2));
  EXPECT_EQ(fence.candidates(from("FR")).size(), 3u);
  EXPECT_EQ(fence.candidates(from("")).size(), 3u) << "an unknown country matches no rule";
}

TEST(Fence, SeveralRulesForOneCountryIntersect) {
  const Fence fence(
      3, {{geo::Country::of("DE"), 0, 0b011}, {geo::Country::of("FR"), 0, 0b100}, {geo::Country::of("DE"), 0, 0b110}});
  EXPECT_EQ(fence.candidates(from("DE")).size(), 1u);
  EXPECT_TRUE(fence.candidates(from("DE")).contains(1));
}

RequestFacts of(const char* tenant, const char* country) {
  RequestFacts facts = from(country);
  facts.tenant = tenant_key(tenant);
  return facts;
}

TEST(Fence, ARuleMayBeAboutATenant) {
  const Fence fence(3, {{{}, tenant_key("acme"), 0b001}});
  EXPECT_EQ(fence.candidates(of("acme", "DE")).size(), 1u);
  EXPECT_EQ(fence.candidates(of("acme", "")).size(), 1u) << "wherever it is";
  EXPECT_EQ(fence.candidates(of("other", "DE")).size(), 3u);
  EXPECT_EQ(fence.candidates(from("DE")).size(), 3u) << "no tenant is not that tenant";
}

TEST(Fence, ARuleMayBeAboutATenantInACountry) {
  const Fence fence(3, {{geo::Country::of("DE"), tenant_key("acme"), 0b001}});
  EXPECT_EQ(fence.candidates(of("acme", "DE")).size(), 1u);
  EXPECT_EQ(fence.candidates(of("acme", "FR")).size(), 3u);
  EXPECT_EQ(fence.candidates(of("other", "DE")).size(), 3u);
}

TEST(Fence, KnowsWhomItNames) {
  const TenantKey acme = tenant_key("acme"), emca = tenant_key("emca");
  const Fence fence(3, {{geo::Country::of("DE"), 0, 0b001}, {{}, acme, 0b110}, {geo::Country::of("FR"), emca, 0b110}});
  EXPECT_TRUE(fence.names(acme));
  EXPECT_TRUE(fence.names(emca)) << "if only in a country";
  EXPECT_FALSE(fence.names(tenant_key("other")));
  EXPECT_FALSE(Fence(3).names(acme));
}

TEST(Fence, AllRulesAboutAClientHoldAtOnce) {
  const TenantKey acme = tenant_key("acme");
  const geo::Country de = geo::Country::of("DE");
  const Fence fence(3, {{de, 0, 0b011}, {{}, acme, 0b110}, {de, acme, 0b100}});
  EXPECT_TRUE(fence.candidates(of("acme", "DE")).empty());
  EXPECT_EQ(fence.candidates(of("acme", "FR")).size(), 2u);
  EXPECT_EQ(fence.candidates(of("other", "DE")).size(), 2u);
}

TEST(CandidateSet, OnlyShrinks) {
  const CandidateSet all = Fence(4).candidates({});
  const CandidateSet odd = all.narrowed([](RegionIndex r) { return r % 2 == 1; });
  EXPECT_EQ(odd.size(), 2u);
  EXPECT_EQ(odd.narrowed([](RegionIndex) { return true; }).size(), 2u) << "nothing comes back";
  EXPECT_FALSE(odd.contains(200));
}

}  // namespace
}  // namespace rhumb::decision
