// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using testing::TestExchange;
namespace code = config::code;

/// 0: passes; else the status of the refusal.
int refused(const std::string& options, std::string_view country, std::string_view continent) {
  const auto built = build("{geo_acl: " + options + "}");
  EXPECT_TRUE(built.codes().empty()) << built.text();
  TestExchange exchange;
  exchange.view.facts.where.country = geo::Country::of(country);
  if (!continent.empty()) exchange.view.facts.where.continent = {continent[0], continent[1]};
  const Verdict verdict = exchange.run(*built.chain);
  if (verdict.kind() == Verdict::Kind::next) return 0;
  return verdict.kind() == Verdict::Kind::fail ? verdict.fault().status() : verdict.reply().status;
}

TEST(GeoAcl, DeniesCountriesAndContinents) {
  EXPECT_EQ(refused("{deny: [KP, IR]}", "KP", "AS"), 403);
  EXPECT_EQ(refused("{deny: [KP, IR]}", "KR", "AS"), 0);
  EXPECT_EQ(refused("{deny_continents: [AS]}", "KR", "AS"), 403);
  EXPECT_EQ(refused("{deny_continents: [AS]}", "DE", "EU"), 0);
}

TEST(GeoAcl, AllowsNobodyElseWhenSomeAreAllowed) {
  EXPECT_EQ(refused("{allow: [DE]}", "DE", "EU"), 0);
  EXPECT_EQ(refused("{allow: [DE]}", "FR", "EU"), 403);
  EXPECT_EQ(refused("{allow_continents: [EU]}", "FR", "EU"), 0);
  EXPECT_EQ(refused("{allow: [US], allow_continents: [EU]}", "US", "NA"), 0);
  EXPECT_EQ(refused("{allow: [US], allow_continents: [EU]}", "CA", "NA"), 403);
}

TEST(GeoAcl, DenyWinsOverAllow) {
  EXPECT_EQ(refused("{allow_continents: [EU], deny: [FR]}", "FR", "EU"), 403);
  EXPECT_EQ(refused("{allow: [FR], deny_continents: [EU]}", "FR", "EU"), 403);
}

TEST(GeoAcl, TellsCountriesFromContinentsOfTheSameLetters) {
  EXPECT_EQ(refused("{deny: [NA]}", "US", "NA"), 0);
  EXPECT_EQ(refused("{deny_continents: [NA]}", "NA", "AF"), 0);
}

TEST(GeoAcl, DoesAsToldWithTheUnknown) {
  EXPECT_EQ(refused("{deny: [KP]}", "", ""), 0);
  EXPECT_EQ(refused("{allow: [DE]}", "", ""), 0);
  EXPECT_EQ(refused("{deny: [KP], unknown: deny}", "", ""), 403);
  EXPECT_EQ(refused("{allow: [DE], unknown: deny, status: 451}", "", ""), 451);
  EXPECT_EQ(refused("{unknown: deny}", "DE", "EU"), 0);
}

TEST(GeoAcl, AnswersWithTheStatusAskedFor) { EXPECT_EQ(refused("{deny: [KP], status: 451}", "KP", "AS"), 451); }

TEST(GeoAcl, RefusesWhatItCannotMean) {
  EXPECT_THAT(build("{geo_acl: {}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{geo_acl: {status: 451}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{geo_acl: {deny: [kp]}}").codes(), ElementsAre(code::kCountry));
  EXPECT_THAT(build("{geo_acl: {deny_continents: [XX]}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{geo_acl: {deny: [KP], status: 404}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{geo_acl: {denny: [KP]}}").codes(), ElementsAre(code::kUnknownKey));
}

}  // namespace
}  // namespace rhumb::filters
