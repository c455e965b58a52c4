// SPDX-License-Identifier: Apache-2.0
#include "net/run_queue.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rhumb::net {
namespace {

using base::Micros;
using base::Millis;

/// Takes so long for each step, and has so many to do.
class Work final : public Task {
 public:
  Work(RunQueue& queue, base::ManualClock& clock, Share* share, std::string name, std::string& order)
      : queue_(queue), clock_(clock), share_(share), name_(std::move(name)), order_(order) {}
  void wants(int steps, Micros each) {
    steps_ = steps, each_ = each;
    queue_.add(*this, share_);
  }
  int left() const { return steps_; }
  int told() const { return told_; }
  std::function<void()> at_step;

 private:
  void run() noexcept override {
    order_ += name_;
    clock_.advance(each_);
    if (--steps_ > 0) queue_.add(*this, share_);
    if (at_step) at_step();
  }
  void too_costly() noexcept override { ++told_; }

  RunQueue& queue_;
  base::ManualClock& clock_;
  Share* share_;
  std::string name_;
  std::string& order_;
  int steps_ = 0, told_ = 0;
  Micros each_{};
};

class RunQueueTest : public ::testing::Test {
 protected:
  Work work(std::string name, Share* share = nullptr) { return Work(queue_, clock_, share, std::move(name), order_); }
  void run_a_turn() { queue_.run(clock_.now() + RunQueue::kTurn); }
  int steps_of(char name) const { return static_cast<int>(std::count(order_.begin(), order_.end(), name)); }

  base::ManualClock clock_;
  RunQueue queue_{clock_};
  std::string order_;
  Share one_, two_, three_;
};

TEST_F(RunQueueTest, TasksRunInTheOrderTheyCame) {
  Work a = work("a"), b = work("b"), c = work("c");
  for (Work* each : {&b, &a, &c}) each->wants(1, Micros(10));
  run_a_turn();
  EXPECT_EQ(order_, "bac");
  EXPECT_FALSE(queue_.waiting());
}

TEST_F(RunQueueTest, ATaskThatWaitsIsNotAddedTwice) {
  Work a = work("a");
  a.wants(1, Micros(10));
  queue_.add(a, nullptr);
  EXPECT_TRUE(a.waiting());
  run_a_turn();
  EXPECT_EQ(order_, "a");
  EXPECT_FALSE(a.waiting());
}

TEST_F(RunQueueTest, ATurnEndsWhenItsTimeIsOverAndTheRestStays) {
  Work a = work("a");
  a.wants(20, Millis(1));
  run_a_turn();
  EXPECT_EQ(a.left(), 15) << "five steps of a millisecond each";
  EXPECT_TRUE(queue_.waiting());
  run_a_turn();
  EXPECT_EQ(a.left(), 10);
}

TEST_F(RunQueueTest, ATurnWithoutTimeStillDoesOneStep) {
  Work a = work("a");
  a.wants(3, Millis(1));
  queue_.run(clock_.now() - Millis(1));
  EXPECT_EQ(order_, "a") << "else a loop whose timers take all the time would never serve anybody";
}

TEST_F(RunQueueTest, TasksOfOneShareTakeTurns) {
  Work a = work("a", &one_), b = work("b", &one_);
  a.wants(3, Micros(10)), b.wants(3, Micros(10));
  run_a_turn();
  EXPECT_EQ(order_, "ababab");
}

TEST_F(RunQueueTest, ManyTasksOfOneShareGetNoMoreTimeThanOneOfAnother) {
  std::vector<std::unique_ptr<Work>> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(std::make_unique<Work>(queue_, clock_, &one_, "c", order_));
    crowd.back()->wants(1000, Micros(100));
  }
  Work alone = work("a", &two_);
  alone.wants(1000, Micros(100));
  for (int turn = 0; turn < 20; ++turn) run_a_turn();
  EXPECT_NEAR(steps_of('a'), steps_of('c'), 10);
}

TEST_F(RunQueueTest, TimeIsSharedWhateverAStepCosts) {
  Work dear = work("d", &one_), cheap = work("c", &two_);
  dear.wants(100'000, Millis(1)), cheap.wants(100'000, Micros(50));
  for (int turn = 0; turn < 100; ++turn) run_a_turn();
  EXPECT_NEAR(steps_of('c') / static_cast<double>(steps_of('d')), 20, 2);
}

TEST_F(RunQueueTest, WhoeverUsedTooMuchIsNotHeldUpWhileNobodyElseWaits) {
  Work a = work("a", &one_);
  a.wants(100, Millis(5));
  for (int turn = 0; turn < 100; ++turn) run_a_turn();
  EXPECT_EQ(a.left(), 0);
}

TEST_F(RunQueueTest, DebtIsForgottenWithTime) {
  Work a = work("a", &one_), b = work("b", &two_);
  a.wants(1, Millis(15));
  run_a_turn();
  clock_.advance(base::Seconds(1));
  Work tick = work("t", &three_);
  tick.wants(1, Micros(1));
  run_a_turn();
  order_.clear();
  a.wants(1, Micros(100)), b.wants(50, Micros(100));
  run_a_turn();
  EXPECT_EQ(order_.find('a'), 0u) << "a second ago is long ago";
}

TEST_F(RunQueueTest, DebtCountsAtOnce) {
  Work a = work("a", &one_), b = work("b", &two_);
  b.wants(1, Micros(1));
  a.wants(1, Millis(4));
  run_a_turn();
  order_.clear();
  a.wants(1, Micros(100)), b.wants(50, Micros(100));
  run_a_turn();
  EXPECT_GE(order_.find('a'), 30u) << "the others have had as much by then";
}

TEST_F(RunQueueTest, AStepHasAMillisecond) {
  Work a = work("a");
  bool at_once = true, later = false;
  a.at_step = [&] {
    at_once = queue_.must_yield();
    clock_.advance(RunQueue::kStep);
    later = queue_.must_yield();
  };
  a.wants(1, Micros(0));
  run_a_turn();
  EXPECT_FALSE(at_once);
  EXPECT_TRUE(later);
}

TEST_F(RunQueueTest, ARemovedOrDestroyedTaskDoesNotRun) {
  Work a = work("a"), b = work("b");
  a.wants(1, Micros(1)), b.wants(1, Micros(1));
  queue_.remove(a);
  {
    Work c = work("c");
    c.wants(1, Micros(1));
  }
  run_a_turn();
  EXPECT_EQ(order_, "b");
}

TEST_F(RunQueueTest, ATaskMayDieInItsOwnStep) {
  auto a = std::make_unique<Work>(queue_, clock_, &one_, "a", order_);
  Work* const raw = a.get();
  raw->at_step = [&] { a.reset(); };
  raw->wants(1, Millis(30));
  for (int i = 0; i < 2; ++i) run_a_turn();
  EXPECT_EQ(order_, "a");
  EXPECT_EQ(a, nullptr);
}

// S29: work that cannot be cut into steps.
TEST_F(RunQueueTest, S29_AShareOfLongStepsIsToldThatItIsCostly) {
  Work a = work("a", &one_), b = work("b", &two_);
  a.wants(100, Millis(120)), b.wants(1000, Micros(100));
  for (int turn = 0; turn < 30 && a.told() == 0; ++turn) run_a_turn();
  EXPECT_EQ(a.told(), 1);
  EXPECT_LE(100 - a.left(), 6) << "the first one makes it watched, five more are half a second";
  EXPECT_EQ(b.told(), 0);
}

TEST_F(RunQueueTest, AFewLongStepsNowAndThenAreForgiven) {
  Work a = work("a", &one_);
  for (int i = 0; i < 200; ++i) {
    a.wants(1, Millis(40));
    run_a_turn();
    clock_.advance(base::Seconds(2));
  }
  EXPECT_EQ(a.told(), 0);
}

TEST_F(RunQueueTest, ShortStepsAreNeverCostly) {
  Work a = work("a", &one_);
  a.wants(100'000, RunQueue::kLong - Micros(1));
  for (int turn = 0; turn < 10'000; ++turn) run_a_turn();
  EXPECT_EQ(a.told(), 0);
}

}  // namespace
}  // namespace rhumb::net
