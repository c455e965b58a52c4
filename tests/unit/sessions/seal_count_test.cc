// SPDX-License-Identifier: Apache-2.0
#include "sessions/seal_count.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

namespace rhumb::sessions {
namespace {

using ::testing::HasSubstr;

TEST(SealCount, CountsUntilTheKeyIsUsedUp) {
  SealCount count(SealCount::kMost - 2);
  EXPECT_TRUE(count.take());
  EXPECT_TRUE(count.ask()) << "asking is not taking";
  EXPECT_TRUE(count.take());
  EXPECT_TRUE(count.used_up());
  EXPECT_EQ(count.refused(), 0u);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(count.take());
  EXPECT_FALSE(count.ask());
  EXPECT_EQ(count.refused(), 4u);
  EXPECT_EQ(count.sealed(), SealCount::kMost);
}

TEST(SealCount, ThreadsShareIt) {
  constexpr uint64_t kLeft = 5000;
  SealCount count(SealCount::kMost - kLeft);
  std::atomic<uint64_t> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (uint64_t n = 0; n < kLeft; ++n) taken += count.take();
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, kLeft);
  EXPECT_EQ(count.sealed(), SealCount::kMost);
}

TEST(SealCount, WarnsInGoodTimeAndSaysSoOnce) {
  EXPECT_EQ(seal_warning(3, SealCount()), "");
  EXPECT_EQ(seal_warning(3, SealCount(SealCount::kWorn - 1)), "");
  const std::string worn = seal_warning(3, SealCount(SealCount::kWorn));
  EXPECT_THAT(worn, HasSubstr("key 3 has sealed more than 2^30 tokens"));
  EXPECT_EQ(seal_warning(3, SealCount(SealCount::kMost - 1)), worn);
  EXPECT_THAT(seal_warning(3, SealCount(SealCount::kMost)), HasSubstr("key 3 is used up"));
}

TEST(SealCount, AKeysNameIsItsSecretsAlone) {
  EXPECT_EQ(key_name("0123456789abcdef0123456789abcdef"), key_name("0123456789abcdef0123456789abcdef"));
  EXPECT_NE(key_name("0123456789abcdef0123456789abcdef"), key_name("0123456789abcdef0123456789abcdeF"));
}

}  // namespace
}  // namespace rhumb::sessions
