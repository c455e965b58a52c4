// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const std::string kTwoTerms =
    "terms:\n"
    "  - {name: carbon, unit: g, normalise: {half: 300}}\n"
    "  - {name: spare, from: \"header:X-Spare\", normalise: {max: 500}, lower_wins: false}\n";

std::vector<int> codes_of_term(const std::string& term) { return testing::codes_with("terms:\n  - " + term + "\n"); }

TEST(LoadTerms, ReadsWhatTheyAre) {
  const Loaded loaded = testing::load_with(kTwoTerms);
  ASSERT_TRUE(loaded.ok()) << testing::rendered(loaded);
  ASSERT_THAT(loaded.spec.terms, SizeIs(2));
  const TermSpec &carbon = loaded.spec.terms[0], &spare = loaded.spec.terms[1];
  EXPECT_EQ(carbon.name, "carbon");
  EXPECT_EQ(carbon.unit, "g");
  EXPECT_EQ(carbon.header, "");
  EXPECT_EQ(carbon.normaliser, TermSpec::Normaliser::half);
  EXPECT_EQ(carbon.scale, 300);
  EXPECT_TRUE(carbon.lower_wins);
  EXPECT_EQ(spare.header, "x-spare");
  EXPECT_EQ(spare.normaliser, TermSpec::Normaliser::max);
  EXPECT_EQ(spare.scale, 500);
  EXPECT_FALSE(spare.lower_wins);
}

TEST(LoadTerms, WeighNothingUntilAScoreNamesThem) {
  const Loaded loaded =
      testing::load_with(kTwoTerms + "routes: [{name: a}, {name: b, score: {latency: 1, carbon: 0.2}}]\n");
  ASSERT_TRUE(loaded.ok()) << testing::rendered(loaded);
  const auto last_two = [](const RouteSpec& route) {
    return std::vector<std::pair<std::string, double>>(route.score.end() - 2, route.score.end());
  };
  EXPECT_THAT(last_two(loaded.spec.routes[0]), ElementsAre(Pair("carbon", 0), Pair("spare", 0)));
  EXPECT_THAT(last_two(loaded.spec.routes[1]), ElementsAre(Pair("carbon", 0.2), Pair("spare", 0)));
  EXPECT_THAT(testing::codes_with(kTwoTerms + "routes: [{name: a, score: {carbon: 1}}]\n"), IsEmpty())
      << "one of them is enough to decide by";
  EXPECT_THAT(testing::codes_with(kTwoTerms + "routes: [{name: a, score: {carbon: -1}}]\n"), ElementsAre(code::kRange));
}

TEST(LoadTerms, HaveNamesThatNothingElseHas) {
  for (const char* name : {"latency", "price", "score", "removed"})
    EXPECT_THAT(codes_of_term(std::string("{name: ") + name + ", normalise: {half: 1}}"),
                ElementsAre(code::kDuplicateName))
        << name;
  EXPECT_THAT(testing::codes_with("terms:\n  - {name: a, normalise: {half: 1}}\n  - {name: a, normalise: {half: 1}}\n"),
              ElementsAre(code::kDuplicateName));
  EXPECT_THAT(codes_of_term("{name: \"a b\", normalise: {half: 1}}"), ElementsAre(code::kName));
}

TEST(LoadTerms, HaveOneNormaliserWithAScale) {
  EXPECT_THAT(codes_of_term("{name: a}"), ElementsAre(code::kMissingKey));
  EXPECT_THAT(codes_of_term("{name: a, normalise: {}}"), ElementsAre(code::kNormaliser));
  EXPECT_THAT(codes_of_term("{name: a, normalise: {half: 1, max: 2}}"), ElementsAre(code::kNormaliser));
  EXPECT_THAT(codes_of_term("{name: a, normalise: {half: 0}}"), ElementsAre(code::kRange));
}

TEST(LoadTerms, ComeFromTheFileOrAHeader) {
  EXPECT_THAT(codes_of_term("{name: a, from: file, normalise: {half: 1}}"), IsEmpty());
  EXPECT_THAT(codes_of_term("{name: a, from: header, normalise: {half: 1}}"), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(codes_of_term("{name: a, from: \"cookie:a\", normalise: {half: 1}}"), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(codes_of_term("{name: a, from: \"header:\", normalise: {half: 1}}"), ElementsAre(code::kName));
  EXPECT_THAT(codes_of_term("{name: a, from: \"header:a b\", normalise: {half: 1}}"), ElementsAre(code::kName));
}

TEST(LoadTerms, AreAtMostFour) {
  std::string terms = "terms:\n";
  for (const char* name : {"a", "b", "c", "d"})
    terms += std::string("  - {name: ") + name + ", normalise: {half: 1}}\n";
  EXPECT_THAT(testing::codes_with(terms), IsEmpty());
  EXPECT_THAT(testing::codes_with(terms + "  - {name: e, normalise: {half: 1}}\n"), ElementsAre(code::kTooManyTerms));
}

Loaded with_numbers(const std::string& numbers) {
  return load_text(kTwoTerms + testing::kListeners +
                       "regions:\n  - {name: a, location: {latitude: 1, longitude: 2}, endpoints: [\"127.0.0.1:1\"], "
                       "numbers: " +
                       numbers + "}\n",
                   "test.yaml");
}

TEST(LoadTerms, GetTheirNumbersFromTheRegions) {
  const Loaded loaded = with_numbers("{spare: 7, carbon: 120.5}");
  ASSERT_TRUE(loaded.ok()) << testing::rendered(loaded);
  EXPECT_THAT(loaded.spec.regions[0].numbers, ElementsAre(Pair("spare", 7), Pair("carbon", 120.5)));
  EXPECT_THAT(testing::codes(with_numbers("{carbon: -1}").diagnostics), ElementsAre(code::kRange));
  EXPECT_THAT(testing::codes(with_numbers("{carbon: much}").diagnostics), ElementsAre(code::kNumber));
  EXPECT_THAT(testing::codes(with_numbers("[1]").diagnostics), ElementsAre(code::kWrongKind));
}

TEST(LoadTerms, ThatAreMisspeltAreSuggested) {
  const Diagnostic number = with_numbers("{carbn: 1}").diagnostics.sorted().at(0);
  EXPECT_EQ(number.code, code::kUnknownKey);
  EXPECT_EQ(number.hint, "did you mean 'carbon'?");
  const Diagnostic weight =
      testing::load_with(kTwoTerms + "routes: [{name: a, score: {latency: 1, spar: 1}}]\n").diagnostics.sorted().at(0);
  EXPECT_EQ(weight.code, code::kUnknownKey);
  EXPECT_EQ(weight.hint, "did you mean 'spare'?");
}

}  // namespace
}  // namespace rhumb::config
