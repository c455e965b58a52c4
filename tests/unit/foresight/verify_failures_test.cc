// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_failures.h"

#include <gmock/gmock.h>

#include <bit>

namespace rhumb::foresight {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Failures, AreAllSetsOfUpToSoManyRegionsFewestFirst) {
  const Failures failures(3, 2);
  EXPECT_THAT(failures.sets(), ElementsAre(0, 0b001, 0b010, 0b100, 0b011, 0b101, 0b110));
  EXPECT_THAT(failures.sets_of(0), ElementsAre(0));
  EXPECT_THAT(failures.sets_of(2), ElementsAre(0b011, 0b101, 0b110));
  EXPECT_THAT(failures.sets_of(3), IsEmpty());
}

TEST(Failures, AreFoundAgain) {
  const Failures failures(7, 3);
  EXPECT_EQ(failures.sets().size(), 64u);
  for (size_t i = 0; i < failures.sets().size(); ++i) EXPECT_EQ(failures.index_of(failures.sets()[i]), i);
}

TEST(Failures, TakeNoMoreThanThereAre) {
  EXPECT_EQ(Failures(2, 3).sets().size(), 4u);
  EXPECT_EQ(Failures(32, 3).sets().size(), 4960u + 496 + 32 + 1);
  EXPECT_EQ(std::popcount(Failures(64, 3).sets().back()), 3);
}

}  // namespace
}  // namespace rhumb::foresight
