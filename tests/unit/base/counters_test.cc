// SPDX-License-Identifier: Apache-2.0
#include "base/counters.h"

#include <gtest/gtest.h>

#include <thread>

namespace rhumb::base {
namespace {

TEST(Cell, CountsUpAndDownAndIsSet) {
  Cell cell;
  EXPECT_EQ(cell.get(), 0u);
  cell.add();
  cell.add(9);
  cell.sub(3);
  EXPECT_EQ(cell.get(), 7u);
  cell.set(2);
  EXPECT_EQ(cell.get(), 2u);
}

TEST(Cell, IsReadWhileItsThreadWrites) {
  Cell cell;
  std::thread writer([&] {
    for (int i = 0; i < 100'000; ++i) cell.add();
  });
  uint64_t last = 0;
  while (last < 100'000) {
    const uint64_t seen = cell.get();
    ASSERT_GE(seen, last);
    last = seen;
  }
  writer.join();
  EXPECT_EQ(cell.get(), 100'000u);
}

TEST(LatencyHistogram, CountsAValueInTheFirstBucketThatHoldsIt) {
  const auto& bounds = LatencyHistogram::kBounds;
  for (size_t i = 0; i < bounds.size(); ++i) {
    LatencyHistogram histogram;
    histogram.observe(Micros(bounds[i]));
    histogram.observe(Micros(bounds[i] + 1));
    EXPECT_EQ(histogram.bucket(i), 1u) << bounds[i];
    EXPECT_EQ(histogram.bucket(i + 1), 1u) << bounds[i];
  }
}

TEST(LatencyHistogram, SumsAndTakesEndlessAndNegativeValues) {
  LatencyHistogram histogram;
  histogram.observe(Micros(50));
  histogram.observe(Micros(70));
  histogram.observe(std::chrono::hours(1));
  histogram.observe(Micros(-5));
  EXPECT_EQ(histogram.bucket(0), 3u);
  EXPECT_EQ(histogram.bucket(LatencyHistogram::kBounds.size()), 1u);
  EXPECT_EQ(histogram.sum_us(), 3'600'000'120u);
}

}  // namespace
}  // namespace rhumb::base
