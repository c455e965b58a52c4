// SPDX-License-Identifier: Apache-2.0
// Loops that are stuck on purpose: a callback waits until the test has seen what it wanted to see.
#include "proxy/watchdog.h"

#include <gtest/gtest.h>

#include <future>

#include "net/mailbox.h"

namespace rhumb::proxy {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr int kLooksToStall = static_cast<int>(Watchdog::kStall / Watchdog::kPeriod) + 1;
constexpr int kLooksToEnd = static_cast<int>(Watchdog::kGiveUp / Watchdog::kPeriod) + 1;

/// A loop on a thread, whose turns end when the test says so.
class Stuck {
 public:
  Stuck() : loop_(clock_), mail_(loop_), thread_([this] { loop_.run(); }) {}
  ~Stuck() {
    release();
    mail_.post([this] { loop_.stop(); });
    thread_.join();
  }
  /// A turn begins and does not end.
  void hold() {
    std::unique_lock lock(mutex_);
    held_ = true;
    bool inside = false;
    mail_.post([this, &inside] {
      std::unique_lock own(mutex_);
      inside = true;
      bell_.notify_all();
      bell_.wait(own, [this] { return !held_; });
    });
    EXPECT_TRUE(bell_.wait_for(lock, kPatience, [&] { return inside; }));
  }
  /// The turn ends; afterwards the loop waits again.
  void release() {
    {
      const std::lock_guard lock(mutex_);
      if (!std::exchange(held_, false)) return;
    }
    bell_.notify_all();
    while (loop_.turn_under_way() != 0) std::this_thread::yield();
  }
  const net::Loop& loop() const { return loop_; }
  pthread_t thread() { return thread_.native_handle(); }

 private:
  base::SystemClock clock_;
  net::Loop loop_;
  net::Mailbox mail_;
  std::mutex mutex_;
  std::condition_variable bell_;
  bool held_ = false;
  std::thread thread_;
};

/// A watchdog whose looks are the test's, on one loop.
struct Looks {
  Looks() { dog.watch("worker 7", stuck.loop(), stuck.thread(), stalls); }
  void at(int times) {
    for (int i = 0; i < times; ++i) dog.look();
  }
  Stuck stuck;
  base::Cell stalls;
  std::vector<std::string> records;
  int ends = 0, well = 0;
  Watchdog dog{
      {[this](const std::string& record) { records.push_back(record); }, [this] { ++ends; }, [this] { ++well; }}};
};

TEST(Watchdog, AReportSaysWhatTheLoopIsBusyWith) {
  Stuck stuck;
  base::Cell stalls;
  std::vector<std::string> records;
  std::string busy = "192.0.2.7 GET example.com/a";
  Watchdog dog({[&](const std::string& record) { records.push_back(record); }, [] {}, [] {}});
  dog.watch("worker 7", stuck.loop(), stuck.thread(), stalls, [&] { return busy; });
  stuck.hold();
  for (int i = 0; i < kLooksToStall; ++i) dog.look();
  stuck.release();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_NE(records[0].find("; under way: 192.0.2.7 GET example.com/a; "), std::string::npos) << records[0];
}

TEST(Watchdog, ALoopThatWaitsIsNotStuckHoweverLong) {
  Looks l;
  l.at(2 * kLooksToEnd);
  EXPECT_EQ(l.stalls.get(), 0u);
  EXPECT_TRUE(l.records.empty());
  EXPECT_EQ(l.ends, 0);
}

TEST(Watchdog, SaysThatAllIsWellUnlessALoopIsStalled) {
  Looks l;
  l.at(3);
  EXPECT_EQ(l.well, 3);
  l.stuck.hold();
  l.at(kLooksToStall);
  const int before = l.well;
  l.at(5);
  EXPECT_EQ(l.well, before);
  l.stuck.release();
  l.at(1);
  EXPECT_EQ(l.well, before + 1);
}

TEST(Watchdog, ALongTurnIsCountedAndReportedOnceWithItsPlace) {
  Looks l;
  l.stuck.hold();
  l.at(kLooksToStall - 1);
  EXPECT_TRUE(l.records.empty()) << "not yet";
  l.at(50);
  l.stuck.release();
  EXPECT_EQ(l.stalls.get(), 1u);
  ASSERT_EQ(l.records.size(), 1u);
  EXPECT_EQ(l.records[0].rfind("worker 7: stalled for 100 ms; it stands at ", 0), 0u) << l.records[0];
  EXPECT_EQ(l.ends, 0);
}

TEST(Watchdog, ThePlaceIsThatOfTheStuckThread) {
  Stuck stuck;
  Watchdog installs_the_handler(Watchdog::in_earnest([] {}));
  stuck.hold();
  const std::string place = where_stands(stuck.thread());
  stuck.release();
  // It waits in the C library, called from this program.
  EXPECT_NE(place.find("libc.so.6"), std::string::npos) << place;
  EXPECT_NE(place.find("unit_proxy+0x"), std::string::npos) << place;
  EXPECT_GE(std::count(place.begin(), place.end(), ' '), 4) << place;
}

TEST(Watchdog, ManyShortTurnsAreNoLongOne) {
  Looks l;
  for (int i = 0; i < kLooksToStall * 3; ++i) {
    l.stuck.hold();
    l.at(kLooksToStall - 1);
    l.stuck.release();
  }
  EXPECT_EQ(l.stalls.get(), 0u);
}

TEST(Watchdog, AFloodOfStallsIsCountedWholeAndReportedNowAndThen) {
  Looks l;
  for (int i = 0; i < 10; ++i) {
    l.stuck.hold();
    l.at(kLooksToStall);
    l.stuck.release();
  }
  EXPECT_EQ(l.stalls.get(), 10u);
  EXPECT_EQ(l.records.size(), 2u) << "10 stalls of three looks each are a second and a half";
  EXPECT_NE(l.records.back().find("more stalls since the last report"), std::string::npos) << l.records.back();
}

TEST(Watchdog, AfterTenSecondsItEndsTheProcessAndSaysWhy) {
  Looks l;
  l.stuck.hold();
  l.at(kLooksToEnd - 1);
  EXPECT_EQ(l.ends, 0);
  l.at(1);
  l.stuck.release();
  EXPECT_EQ(l.ends, 1);
  ASSERT_EQ(l.records.size(), 2u);
  EXPECT_NE(l.records[1].find("stalled for 10000 ms, given up"), std::string::npos) << l.records[1];
}

// A process that was stopped for an hour finds its clock an hour later, and has looked once in it.
TEST(Watchdog, TimeInWhichItDidNotLookItselfIsNoStall) {
  Looks l;
  l.stuck.hold();
  l.at(1);  // then SIGSTOP, an hour, SIGCONT: no look, whatever the clock says
  l.at(1);
  l.stuck.release();
  EXPECT_EQ(l.stalls.get(), 0u);
  EXPECT_EQ(l.ends, 0);
}

TEST(Watchdog, OnItsOwnThreadItFindsAStall) {
  Stuck stuck;
  base::Cell stalls;
  std::promise<std::string> told;
  Watchdog dog({[&](const std::string& record) { told.set_value(record); }, [] { FAIL() << "too early"; }, [] {}});
  dog.watch("worker 0", stuck.loop(), stuck.thread(), stalls);
  ASSERT_TRUE(dog.start());
  stuck.hold();
  auto record = told.get_future();
  ASSERT_EQ(record.wait_for(kPatience), std::future_status::ready);
  stuck.release();
  EXPECT_EQ(record.get().rfind("worker 0: stalled for 100 ms", 0), 0u);
  EXPECT_EQ(stalls.get(), 1u);
}

TEST(WatchdogDeathTest, InEarnestItAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Stuck stuck;
        base::Cell stalls;
        Watchdog dog(Watchdog::in_earnest([] {}));
        dog.watch("worker 3", stuck.loop(), stuck.thread(), stalls);
        stuck.hold();
        for (int i = 0; i < kLooksToEnd; ++i) dog.look();
      },
      "worker 3: stalled for 10000 ms, given up: the process ends; it stands at ");
}

}  // namespace
}  // namespace rhumb::proxy
