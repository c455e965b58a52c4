// SPDX-License-Identifier: Apache-2.0
#include "net/timer.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "base/random.h"

namespace rhumb::net {
namespace {

using base::Instant;
using base::Micros;

struct Owner {
  explicit Owner(TimerWheel& w)
      : wheel(w), timer([](void* self) noexcept { ++static_cast<Owner*>(self)->fired; }, this) {}
  ~Owner() { wheel.remove(timer); }
  TimerWheel& wheel;
  Timer timer;
  int fired = 0;
};

const Instant kStart{Micros(5'000'000)};

TEST(TimerWheel, FiresNeverEarlyAndAtMostOneTickLate) {
  TimerWheel wheel(kStart);
  Owner owner(wheel);
  const Instant due = kStart + base::Millis(250);
  wheel.arm(owner.timer, due);
  wheel.advance(due - Micros(1));
  EXPECT_EQ(owner.fired, 0);
  wheel.advance(due + TimerWheel::kTick);
  EXPECT_EQ(owner.fired, 1);
  EXPECT_FALSE(owner.timer.armed());
}

TEST(TimerWheel, ACancelledTimerStaysSilent) {
  TimerWheel wheel(kStart);
  Owner owner(wheel);
  wheel.arm(owner.timer, kStart + base::Seconds(1));
  wheel.cancel(owner.timer);
  wheel.advance(kStart + base::Seconds(10));
  EXPECT_EQ(owner.fired, 0);
}

TEST(TimerWheel, RearmingToALaterTimeMovesTheFiring) {
  TimerWheel wheel(kStart);
  Owner owner(wheel);
  wheel.arm(owner.timer, kStart + base::Seconds(1));
  wheel.arm(owner.timer, kStart + base::Seconds(5));
  wheel.advance(kStart + base::Seconds(4));
  EXPECT_EQ(owner.fired, 0);
  wheel.advance(kStart + base::Seconds(5) + 2 * TimerWheel::kTick);
  EXPECT_EQ(owner.fired, 1);
}

TEST(TimerWheel, RearmingToAnEarlierTimeMovesTheFiring) {
  TimerWheel wheel(kStart);
  Owner owner(wheel);
  wheel.arm(owner.timer, kStart + base::Seconds(3600));
  wheel.arm(owner.timer, kStart + base::Millis(20));
  wheel.advance(kStart + base::Millis(30));
  EXPECT_EQ(owner.fired, 1);
}

/// Each firing takes time, and only so much of it is given.
struct Slow {
  Slow(TimerWheel& w, base::ManualClock& c, std::vector<int>& o, int n)
      : wheel(w), clock(c), order(o), number(n), timer(&Slow::fire, this) {}
  ~Slow() { wheel.remove(timer); }
  static void fire(void* self) noexcept {
    auto& slow = *static_cast<Slow*>(self);
    slow.clock.advance(base::Millis(1));
    slow.order.push_back(slow.number);
  }
  TimerWheel& wheel;
  base::ManualClock& clock;
  std::vector<int>& order;
  int number;
  Timer timer;
};

TEST(TimerWheel, StopsWhenTheTimeIsOverAndGoesOnWhereItWas) {
  for (const auto wait :
       {base::Micros(base::Millis(3)), base::Micros(base::Millis(1024)), base::Micros(base::Seconds(300))}) {
    base::ManualClock clock(kStart);
    TimerWheel wheel(kStart);
    std::vector<int> order;
    std::vector<std::unique_ptr<Slow>> all;
    for (int i = 0; i < 12; ++i) {
      all.push_back(std::make_unique<Slow>(wheel, clock, order, i));
      wheel.arm(all.back()->timer, kStart + wait);
    }
    clock.advance(wait + TimerWheel::kTick);
    int turns = 0;
    for (bool done = false; !done; ++turns) {
      ASSERT_LT(turns, 4);
      const Instant now = clock.now();
      done = wheel.advance(now, &clock, now + base::Millis(5));
      if (!done) {
        EXPECT_EQ(order.size(), static_cast<size_t>(turns + 1) * 5);
        EXPECT_LE(wheel.next(), now) << "the rest is due still";
      }
    }
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})) << wait.count();
  }
}

TEST(TimerWheel, WhatIsPutBackCanBeCancelledAndArmedAnew) {
  base::ManualClock clock(kStart);
  TimerWheel wheel(kStart);
  std::vector<int> order;
  Slow first(wheel, clock, order, 1), cancelled(wheel, clock, order, 2), moved(wheel, clock, order, 3);
  for (Slow* each : {&first, &cancelled, &moved}) wheel.arm(each->timer, kStart + base::Millis(10));
  clock.advance(base::Millis(20));
  EXPECT_FALSE(wheel.advance(clock.now(), &clock, clock.now()));
  wheel.cancel(cancelled.timer);
  wheel.arm(moved.timer, clock.now() + base::Millis(50));
  EXPECT_TRUE(wheel.advance(clock.now()));
  EXPECT_EQ(order, std::vector<int>{1});
  clock.advance(base::Millis(60));
  wheel.advance(clock.now());
  EXPECT_EQ(order, (std::vector<int>{1, 3}));
}

TEST(TimerWheel, SevenDaysAreNoSpecialCase) {
  TimerWheel wheel(kStart);
  Owner owner(wheel);
  const Instant due = kStart + base::Seconds(7 * 86400);
  wheel.arm(owner.timer, due);
  wheel.advance(due - base::Millis(1));
  EXPECT_EQ(owner.fired, 0);
  wheel.advance(due + TimerWheel::kTick);
  EXPECT_EQ(owner.fired, 1);
}

TEST(TimerWheel, NextNeverOverstatesAndIsMaxWhenEmpty) {
  TimerWheel wheel(kStart);
  EXPECT_EQ(wheel.next(), Instant::max());
  Owner owner(wheel);
  wheel.arm(owner.timer, kStart + base::Seconds(90));
  int turns = 0;
  Instant now = kStart;
  while (owner.fired == 0) {
    ASSERT_LT(++turns, 20) << "following next() must get there in a few steps";
    now = std::max(now + Micros(1), wheel.next());
    wheel.advance(now);
  }
  EXPECT_GE(now, kStart + base::Seconds(90));
  EXPECT_LE(now, kStart + base::Seconds(90) + 2 * TimerWheel::kTick);
}

TEST(TimerWheel, AnOwnerMayRearmItselfFromItsCallback) {
  struct Again {
    explicit Again(TimerWheel& w) : wheel(w), timer(&Again::fire, this) {}
    static void fire(void* self) noexcept {
      auto& a = *static_cast<Again*>(self);
      if (++a.fired < 3) a.wheel.arm(a.timer, a.timer.due() + base::Millis(100));
    }
    TimerWheel& wheel;
    Timer timer;
    int fired = 0;
  };
  TimerWheel wheel(kStart);
  Again again(wheel);
  wheel.arm(again.timer, kStart + base::Millis(100));
  wheel.advance(kStart + base::Seconds(1));
  EXPECT_EQ(again.fired, 3);
}

TEST(TimerWheel, RemovingAnotherDueTimerFromACallbackIsSafe) {
  TimerWheel wheel(kStart);
  struct Killer {
    TimerWheel& wheel;
    std::unique_ptr<Owner> victim;
    Timer timer;
    explicit Killer(TimerWheel& w)
        : wheel(w),
          victim(std::make_unique<Owner>(w)),
          timer([](void* self) noexcept { static_cast<Killer*>(self)->victim.reset(); }, this) {}
  };
  Killer killer(wheel);
  wheel.arm(killer.timer, kStart + base::Millis(10));
  wheel.arm(killer.victim->timer, kStart + base::Millis(10));
  wheel.advance(kStart + base::Seconds(1));
  EXPECT_EQ(killer.victim, nullptr);
}

// Against a plain sorted map: random arms, re-arms and cancels over spans from milliseconds to months.
TEST(TimerWheel, AgreesWithASortedMapOverRandomHistories) {
  base::Random random(7);
  for (int round = 0; round < 30; ++round) {
    TimerWheel wheel(kStart);
    std::vector<std::unique_ptr<Owner>> owners;
    for (int i = 0; i < 40; ++i) owners.push_back(std::make_unique<Owner>(wheel));
    std::vector<Instant> due(owners.size(), Instant::max());
    std::vector<int> expected(owners.size(), 0);
    Instant now = kStart;
    for (int step = 0; step < 300; ++step) {
      const size_t which = random.below(owners.size());
      const Micros span(static_cast<int64_t>(random.next() >> (20 + random.below(30))) % (90ll * 86400 * 1'000'000));
      if (random.below(4) == 0) {
        wheel.cancel(owners[which]->timer);
        due[which] = Instant::max();
      } else {
        due[which] = now + span;
        wheel.arm(owners[which]->timer, due[which]);
      }
      now += Micros(static_cast<int64_t>(random.next() >> (22 + random.below(32))) % (30ll * 86400 * 1'000'000));
      wheel.advance(now);
      for (size_t i = 0; i < owners.size(); ++i) {
        const bool must = due[i] != Instant::max() && due[i] + 2 * TimerWheel::kTick <= now;
        const bool may = due[i] <= now;
        const int fired = owners[i]->fired - expected[i];
        ASSERT_TRUE(fired == 0 || (fired == 1 && may)) << "early";
        ASSERT_TRUE(!must || fired == 1) << "late";
        if (fired == 1) due[i] = Instant::max(), ++expected[i];
      }
    }
  }
}

}  // namespace
}  // namespace rhumb::net
