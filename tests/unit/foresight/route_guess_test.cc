// SPDX-License-Identifier: Apache-2.0
#include "foresight/route_guess.h"

#include <gtest/gtest.h>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

config::Spec routes(const std::string& list) {
  const std::string file = testing::small_file();
  return testing::spec_of(file.substr(0, file.find("routes:")) + "routes:\n" + list);
}

const KnownTarget kCart{"GET", "shop.test", "/cart/7", false};

TEST(RouteGuess, AsksTheTableForWhatItCanSee) {
  const config::Spec spec = routes(
      "  - {name: a, match: {host: shop.test, path_prefix: /cart, methods: [GET]}}\n"
      "  - {name: b, match: {path: /x}}\n");
  RouteGuess guess(spec.routes);
  EXPECT_EQ(guess.of("b", 1, &kCart), 0u) << "whatever it was called before";
  const KnownTarget post{"POST", "shop.test", "/cart/7", false};
  EXPECT_EQ(guess.of("a", 2, &post), RouteGuess::kNone);
}

TEST(RouteGuess, AHiddenConditionHoldsForTheRouteOfThatName) {
  const config::Spec spec = routes(
      "  - {name: beta, match: {headers: {x-beta: '1'}}}\n"
      "  - {name: half, split: {percent: 50%}}\n"
      "  - {name: rest, match: {}}\n");
  RouteGuess guess(spec.routes);
  EXPECT_EQ(guess.of("beta", 1, &kCart), 0u);
  EXPECT_EQ(guess.of("half", 1, &kCart), 1u);
  EXPECT_EQ(guess.of("rest", 1, &kCart), 2u);
  EXPECT_EQ(guess.of("gone", 1, &kCart), 2u);
}

TEST(RouteGuess, WithoutATargetTheNameDecides) {
  const config::Spec spec = routes("  - {name: a, match: {path: /x}}\n  - {name: b}\n");
  RouteGuess guess(spec.routes);
  EXPECT_EQ(guess.of("a", 0, nullptr), 0u);
  EXPECT_EQ(guess.of("gone", 0, nullptr), RouteGuess::kNone);
  const KnownTarget cut{"GET", "shop.test", "/cart/7", true};
  EXPECT_EQ(guess.of("a", 5, &cut), 0u) << "a path that was cut could be any that begins so";
}

}  // namespace
}  // namespace rhumb::foresight
