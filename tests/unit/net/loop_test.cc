// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "net/socket.h"
#include "net/watch.h"

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

TEST(Loop, TellsHowLateADueTimerHadItsTurn) {
  base::ManualClock clock;
  Loop loop(clock);
  base::LatencyHistogram lags;
  loop.measure_lag(lags);
  Timer timer([](void*) noexcept {}, nullptr);
  loop.turn(base::Micros(0));
  EXPECT_EQ(lags.sum_us(), 0u) << "nothing was due";
  loop.timers().arm(timer, loop.now() + base::Millis(10));
  const base::Instant due = loop.timers().next();
  clock.advance(due - clock.now() + base::Millis(30));
  loop.turn(base::Micros(0));
  EXPECT_EQ(lags.sum_us(), 30'000u);
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

TEST(Loop, ATurnsTimeIsThatOfItsWorkWithoutTheWait) {
  base::ManualClock clock;
  Loop loop(clock);
  base::LatencyHistogram times;
  loop.measure_turns(times);
  clock.advance(base::Seconds(5));  // as if it had waited so long
  loop.post([&] { clock.advance(base::Millis(3)); });
  loop.turn(base::Micros(0));
  EXPECT_EQ(times.sum_us(), 3000u);
  loop.turn(base::Micros(0));
  EXPECT_EQ(times.sum_us(), 3000u) << "a turn without work took no time";
  EXPECT_EQ(times.bucket(0), 1u);
}

TEST(Loop, WhatWaitsForADescriptorIsNotUnderWay) {
  struct Sees final : WatchOwner {
    explicit Sees(Loop& l) : loop(l) {}
    void on_ready(Ready) noexcept override { seen = loop.turn_under_way(); }
    Loop& loop;
    uint64_t seen = 0;
  };
  base::SystemClock clock;
  Loop loop(clock);
  Sees owner(loop);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Fd in(ends[0]), out(ends[1]);
  Watch watch;
  watch.start_level(loop, in.get(), owner);
  EXPECT_EQ(loop.turn_under_way(), 0u);
  ASSERT_EQ(::write(out.get(), "x", 1), 1);
  loop.turn();
  const uint64_t first = owner.seen;
  loop.turn();
  EXPECT_NE(first, 0u);
  EXPECT_NE(owner.seen, 0u);
  EXPECT_NE(owner.seen, first) << "another turn";
  EXPECT_EQ(loop.turn_under_way(), 0u);
}

}  // namespace
}  // namespace rhumb::net
