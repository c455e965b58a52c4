// SPDX-License-Identifier: Apache-2.0
#include "upstream/meters.h"

#include <gtest/gtest.h>

namespace rhumb::upstream {
namespace {

TEST(Meters, OneCellBlockAWorkerAndTheSameOnesForTheSameName) {
  Meters meters(3);
  const auto first = meters.of("eu");
  ASSERT_EQ(first.size(), 3u);
  EXPECT_NE(first[0], first[1]);
  first[1]->requests.add(5);
  meters.of("us");
  EXPECT_EQ(meters.of("eu"), first) << "a reload goes on counting";
  uint64_t total = 0;
  meters.for_each([&](const std::string& name, const std::vector<RegionMeter>& all) {
    for (const auto& meter : all) total += name == "eu" ? meter.requests.get() : 0;
  });
  EXPECT_EQ(total, 5u);
}

TEST(Meters, OneCellAWorkerForWhatARegionAnnounces) {
  Meters meters(2);
  const auto first = meters.announced("eu", "x-queue");
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(meters.announced("eu", "x-queue"), first) << "a reload goes on with what is known";
  EXPECT_NE(meters.announced("us", "x-queue"), first);
  EXPECT_NE(meters.announced("eu", "x-carbon"), first);
}

}  // namespace
}  // namespace rhumb::upstream
