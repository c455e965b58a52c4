// SPDX-License-Identifier: Apache-2.0
#include "upstream/announced.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rhumb::upstream {
namespace {

class AnnouncedTest : public ::testing::Test {
 protected:
  AnnouncedTest() { head_.init(arena_, 10); }
  void read(const char* name, const char* value, base::Instant at, size_t worker = 0) {
    head_.clear();
    head_.add(name, value);
    const AnnouncedField field{"x-queue", http::field_id("x-queue"), &cells_[worker]};
    read_announced({&field, 1}, head_, at);
  }
  float now(base::Instant at) { return newest({&cells_[0], &cells_[1]}, at); }

  static constexpr base::Instant kStart{base::Seconds(1000)};
  base::BlockPool blocks_{1};
  base::Arena arena_{blocks_};
  http::Headers head_;
  std::array<Announced, 2> cells_;
};

TEST_F(AnnouncedTest, IsUnknownUntilItIsSaid) {
  EXPECT_TRUE(std::isnan(now(kStart)));
  read("Server", "12", kStart);
  EXPECT_TRUE(std::isnan(now(kStart)));
  read("X-Queue", "12.5", kStart);
  EXPECT_EQ(now(kStart), 12.5f);
}

TEST_F(AnnouncedTest, KeepsTheLastWhenAHeadSaysNoNumber) {
  read("X-Queue", "7", kStart);
  for (const char* value : {"", "-1", "+3", "1e3", "nan", "inf", "0x10", "12 jobs", ".5", "1,000", "9999999999999"})
    read("X-Queue", value, kStart + base::Seconds(1));
  EXPECT_EQ(now(kStart + base::Seconds(2)), 7);
  read("x-queue", "0", kStart + base::Seconds(3));
  EXPECT_EQ(now(kStart + base::Seconds(3)), 0);
}

TEST_F(AnnouncedTest, IsForgottenAfterAWhile) {
  read("X-Queue", "7", kStart);
  EXPECT_EQ(now(kStart + kAnnouncedFor - base::Micros(1)), 7);
  EXPECT_TRUE(std::isnan(now(kStart + kAnnouncedFor)));
}

TEST_F(AnnouncedTest, OfAllWorkersTheNewestCounts) {
  read("X-Queue", "7", kStart + base::Seconds(1), 0);
  read("X-Queue", "9", kStart, 1);
  EXPECT_EQ(now(kStart + base::Seconds(2)), 7);
  read("X-Queue", "9", kStart + base::Seconds(2), 1);
  EXPECT_EQ(now(kStart + base::Seconds(2)), 9);
}

}  // namespace
}  // namespace rhumb::upstream
