// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rhumb::net {
namespace {

TEST(Mailbox, WorkOfManyThreadsRunsOnTheLoopEachInOrder) {
  base::SystemClock clock;
  Loop loop(clock);
  Mailbox mailbox(loop);
  constexpr int kThreads = 4, kLetters = 1000;
  std::vector<int> next(kThreads, 0);
  int total = 0;
  bool in_order = true;
  std::vector<std::thread> senders;
  for (int t = 0; t < kThreads; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < kLetters; ++i)
        mailbox.post([&, t, i] {
          in_order = in_order && next[static_cast<size_t>(t)]++ == i;
          if (++total == kThreads * kLetters) loop.stop();
        });
    });
  loop.run();
  for (auto& sender : senders) sender.join();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(total, kThreads * kLetters);
}

TEST(Mailbox, LettersWaitForALoopThatHasNotStarted) {
  base::SystemClock clock;
  Loop loop(clock);
  Mailbox mailbox(loop);
  bool ran = false;
  mailbox.post([&] { ran = true; });
  loop.turn(base::Micros(0));
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace rhumb::net
