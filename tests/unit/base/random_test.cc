// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <gtest/gtest.h>

#include <array>

namespace rhumb::base {
namespace {

TEST(Mix64, IsTheSplitmixSequence) {
  const uint64_t golden = 0x9e3779b97f4a7c15ull;
  EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafull);
  EXPECT_EQ(mix64(golden), 0x6e789e6aa1b965f4ull);
  EXPECT_EQ(mix64(golden * 2), 0x06c45d188009454full);
}

// The reference algorithm, seeded by splitmix64 as its authors advise, run in another language.
TEST(Random, DrawsTheReferenceSequence) {
  const struct {
    uint64_t seed;
    std::array<uint64_t, 4> draws;
  } cases[] = {
      {0, {0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0, 0x6aa594f1262d2d2c}},
      {1, {0xb3f2af6d0fc710c5, 0x853b559647364cea, 0x92f89756082a4514, 0x642e1c7bc266a3a7}},
      {0xdeadbeefcafef00d, {0x9e32cfb5bb93eebb, 0x16006bd9d4ac0014, 0x8ada5d6d34b6538e, 0x7c327ca32346a238}},
  };
  for (const auto& c : cases) {
    Random random(c.seed);
    for (const uint64_t draw : c.draws) EXPECT_EQ(random.next(), draw) << "seed " << c.seed;
  }
}

TEST(Random, RepeatsItselfForTheSameSeed) {
  Random a(42), b(42), c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t draw = a.next();
    EXPECT_EQ(draw, b.next());
    differs |= draw != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, StaysBelowItsBoundAndReachesEverything) {
  Random random(7);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) ++seen.at(random.below(6));
  for (const int n : seen) EXPECT_NEAR(n, 1000, 200);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(random.below(1), 0u);
}

TEST(UnitInterval, IsHalfOpen) {
  EXPECT_EQ(unit_interval(0), 0.0);
  EXPECT_EQ(unit_interval(uint64_t{1} << 63), 0.5);
  EXPECT_LT(unit_interval(UINT64_MAX), 1.0);
}

}  // namespace
}  // namespace rhumb::base
