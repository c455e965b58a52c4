// SPDX-License-Identifier: Apache-2.0
#include "proxy/drain_count.h"

#include <gtest/gtest.h>

namespace rhumb::proxy {
namespace {

TEST(DrainCount, IsOverWithItsLastWorker) {
  DrainCount count;
  const uint64_t drain = count.begin(3);
  EXPECT_FALSE(count.ended(drain));
  EXPECT_FALSE(count.ended(drain));
  EXPECT_TRUE(count.ended(drain));
  EXPECT_FALSE(count.ended(drain)) << "it was over";
}

TEST(DrainCount, ALateLetterOfAnEarlierDrainDoesNotEndTheNextOne) {
  DrainCount count;
  const uint64_t hand_over = count.begin(2);
  const uint64_t stop = count.begin(2);
  EXPECT_FALSE(count.ended(hand_over)) << "sent before the worker heard of the stop";
  EXPECT_FALSE(count.ended(stop));
  EXPECT_FALSE(count.ended(hand_over)) << "one worker still has connections";
  EXPECT_TRUE(count.ended(stop));
}

TEST(DrainCount, NothingHasEndedBeforeItBegan) {
  DrainCount count;
  EXPECT_FALSE(count.ended(0));
}

}  // namespace
}  // namespace rhumb::proxy
