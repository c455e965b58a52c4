// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <gtest/gtest.h>

#include <string>

namespace rhumb::net {
namespace {

TEST(Loop, PostedWorkRunsInOrderAndNewWorkNextTurn) {
  base::SystemClock clock;
  Loop loop(clock);
  std::string order;
  loop.post([&] {
    order += "a";
    loop.post([&] { order += "c"; });
  });
  loop.post([&] { order += "b"; });
  loop.turn(base::Micros(0));
  EXPECT_EQ(order, "ab");
  loop.turn(base::Micros(0));
  EXPECT_EQ(order, "abc");
}

TEST(Loop, TheGraveyardIsEmptiedAtTheEndOfTheTurn) {
  struct Corpse : Buried {
    explicit Corpse(bool& g) : gone(g) {}
    ~Corpse() override { gone = true; }
    bool& gone;
  };
  base::SystemClock clock;
  Loop loop(clock);
  bool gone = false, gone_inside = true;
  loop.post([&] {
    loop.bury(std::make_unique<Corpse>(gone));
    gone_inside = gone;
  });
  loop.turn(base::Micros(0));
  EXPECT_FALSE(gone_inside);
  EXPECT_TRUE(gone);
}

TEST(Loop, TimeStandsStillInsideATurn) {
  base::ManualClock clock;
  Loop loop(clock);
  loop.post([&] {
    const base::Instant before = loop.now();
    clock.advance(base::Seconds(5));
    EXPECT_EQ(loop.now(), before);
  });
  loop.turn(base::Micros(0));
}

TEST(Loop, AnArmedTimerEndsTheWait) {
  base::SystemClock clock;
  Loop loop(clock);
  bool fired = false;
  Timer timer([](void* flag) noexcept { *static_cast<bool*>(flag) = true; }, &fired);
  loop.timers().arm(timer, loop.now() + base::Millis(10));
  for (int turns = 0; !fired && turns < 10; ++turns) loop.turn();
  EXPECT_TRUE(fired);
}

TEST(Loop, StopEndsRunAfterTheTurn) {
  base::SystemClock clock;
  Loop loop(clock);
  int done = 0;
  loop.post([&] { loop.stop(), ++done; });
  loop.post([&] { ++done; });
  loop.run();
  EXPECT_EQ(done, 2);
}

}  // namespace
}  // namespace rhumb::net
