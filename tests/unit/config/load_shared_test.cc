// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_with;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::load_with;

TEST(Once, ReportsASecondWithThePlaceOfTheFirst) {
  Diagnostics diagnostics;
  diagnostics.open({0, 5, 1});
  Once once(151, "thing", diagnostics);
  EXPECT_TRUE(once.add("a", {0, 1, 1}));
  EXPECT_TRUE(once.add("b", {0, 2, 1}));
  EXPECT_TRUE(once.add("", {0, 3, 1}));
  EXPECT_TRUE(once.add("", {0, 4, 1}));
  EXPECT_FALSE(once.add("a", {0, 5, 1}));
  ASSERT_EQ(diagnostics.errors(), 1u);
  EXPECT_EQ(diagnostics.sorted()[0].message, "thing 'a' is given twice");
  EXPECT_EQ(diagnostics.sorted()[0].other.line, 1u);
  EXPECT_FALSE(once.add("b", {0, 6, 1}));
  EXPECT_EQ(diagnostics.sorted()[1].message, "thing is given twice") << "of what may be a secret";
}

TEST(References, AreCheckedWhereverRegionsAreNamed) {
  for (const char* more :
       {"gateway: {region: moon}\n", "geo: {countries: {US: moon}}\n", "geo: {default_region: moon}\n",
        "fence: [{countries: [US], regions: [moon]}]\n", "routes: [{name: a, regions: [moon]}]\n"}) {
    EXPECT_THAT(codes_with(more), ElementsAre(code::kUnknownRegion)) << more;
  }
  EXPECT_THAT(
      codes_with(
          "  - {name: x, location: {latitude: 1, longitude: 1}, endpoints: [\"127.0.0.1:1\"], backup: [moon]}\n"),
      ElementsAre(code::kUnknownRegion));
}

TEST(References, PointToTheRegionThatWasMeant) {
  const Diagnostic d = load_with("gateway: {region: eu-wets}\n").diagnostics.sorted().at(0);
  EXPECT_EQ(d.hint, "did you mean 'eu-west'?");
  EXPECT_EQ(d.other.line, 4u);
  EXPECT_EQ(d.other_note, "region 'eu-west' is here");
  EXPECT_EQ(load_with("gateway: {region: moon}\n").diagnostics.sorted().at(0).hint, "the regions are eu-west, us-east");
}

TEST(References, AllowEachRegionOnceInAList) {
  EXPECT_THAT(codes_with("routes: [{name: a, regions: [eu-west, eu-west]}]\n"), ElementsAre(code::kDuplicateItem));
}

TEST(Names, AreFitForLogsAndHeaders) {
  EXPECT_THAT(codes_with("routes: [{name: \"a b\"}]\n"), ElementsAre(code::kName));
  EXPECT_THAT(codes_with("routes: [{name: \"\"}]\n"), ElementsAre(code::kName));
  EXPECT_THAT(codes_with("routes: [{name: a-b_c.1}]\n"), IsEmpty());
}

}  // namespace
}  // namespace rhumb::config
