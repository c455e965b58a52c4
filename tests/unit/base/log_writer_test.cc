// SPDX-License-Identifier: Apache-2.0
#include "base/log_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include "base/check.h"
#include "tests/unit/base/outlets.h"

namespace rhumb::base {
namespace {

/// A line of 128 bytes.
std::string words(size_t number) {
  std::string text = std::to_string(number) + " ";
  text.resize(127, '.');
  return text + "\n";
}

std::vector<std::string> split_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string one; std::getline(in, one);) out.push_back(one);
  return out;
}

class LogWriterTest : public testing::Test {
 protected:
  // After a writer that was not heard nobody is waited for; one that was, and all is as in a command.
  void TearDown() override {
    TestPipe read;
    const LogWriter heard(read.writer());
  }
  TestPipe pipe_;
};

TEST_F(LogWriterTest, WritesInTheOrderInWhichThingsAreSaid) {
  {
    const LogWriter writer(pipe_.writer());
    log_line(LogLevel::info, "first");
    say("second\nthird\n");
    log_line(LogLevel::error, "fourth");
  }
  const std::vector<std::string> got = split_lines(pipe_.read());
  ASSERT_EQ(got.size(), 4u);
  EXPECT_THAT(got[0], testing::EndsWith("Z info first"));
  EXPECT_EQ(got[1], "second");
  EXPECT_EQ(got[2], "third");
  EXPECT_THAT(got[3], testing::EndsWith("Z error fourth"));
}

TEST_F(LogWriterTest, NobodyWaitsForAReaderAndWhatIsMissingIsToldWhereItIsMissing) {
  constexpr size_t kLines = 10'000;  // 1.2 MiB: more than the pipe and both buffers hold
  const uint64_t before = dropped_log_lines();
  auto writer = std::make_unique<LogWriter>(pipe_.writer());
  for (size_t i = 0; i < kLines; ++i) say(words(i));
  const uint64_t dropped = dropped_log_lines() - before;
  EXPECT_GT(dropped, 0u);
  std::string text;
  std::thread reader([&] { text = pipe_.read_to_end(); });
  last_words("the last\n");
  writer.reset();
  pipe_.close_writer();
  reader.join();
  size_t next = 0, told = 0;
  bool last = false;
  for (const std::string& one : split_lines(text)) {
    const size_t missing = one.find("error log: ");
    if (one + "\n" == words(next)) {
      ++next;
    } else if (missing != std::string::npos) {
      const size_t count = std::strtoull(one.c_str() + missing + 11, nullptr, 10);
      EXPECT_THAT(one, testing::EndsWith(
                           fmt::format("Z warning error log: {} lines are missing here: nobody took them", count)));
      next += count, told += count;
    } else {
      ASSERT_EQ(one, "the last");
      last = true;
    }
  }
  EXPECT_EQ(next, kLines);
  EXPECT_EQ(told, dropped);
  EXPECT_TRUE(last);
  EXPECT_EQ(dropped_log_lines() - before, dropped);
}

TEST_F(LogWriterTest, EndsAlthoughNobodyReadsAndCountsWhatIsLeft) {
  constexpr size_t kLines = 1500;
  const uint64_t before = dropped_log_lines();
  {
    const LogWriter writer(pipe_.writer());
    for (size_t i = 0; i < kLines; ++i) say(words(i));
  }
  say("after its end\n");  // to nobody, and at once
  EXPECT_EQ(split_lines(pipe_.read()).size() + (dropped_log_lines() - before), kLines + 1);
}

TEST_F(LogWriterTest, ALineThatIsTooLongForTheBufferIsCounted) {
  const uint64_t before = dropped_log_lines();
  {
    const LogWriter writer(pipe_.writer());
    say(std::string(LogWriter::kRoom, 'x') + "\n");
  }
  EXPECT_EQ(dropped_log_lines() - before, 1u);
  EXPECT_THAT(pipe_.read(), testing::EndsWith("error log: 1 lines are missing here: nobody took them\n"));
}

TEST_F(LogWriterTest, WhatIsRefusedIsCountedAndDoesNotKeepItFromEnding) {
  const uint64_t before = dropped_log_lines();
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  {
    const LogWriter writer(full);
    for (size_t i = 0; i < 50; ++i) say(words(i));
  }
  ::close(full);
  EXPECT_EQ(dropped_log_lines() - before, 50u);
}

TEST_F(LogWriterTest, LastWordsAreWrittenWhenItReturnsWithAllBeforeThem) {
  const LogWriter writer(pipe_.writer());
  for (size_t i = 0; i < 100; ++i) say(words(i));
  last_words("the end\n");
  const std::vector<std::string> got = split_lines(pipe_.read());
  ASSERT_EQ(got.size(), 101u);
  EXPECT_EQ(got[99] + "\n", words(99));
  EXPECT_EQ(got[100], "the end");
}

TEST_F(LogWriterTest, LastWordsThatNobodyReadsDoNotKeepTheProcessFromEnding) {
  const LogWriter writer(pipe_.writer());
  const uint64_t before = dropped_log_lines();
  for (size_t i = 0; i < 10'000; ++i) say(words(i));
  last_words("unheard\n");  // comes back
  EXPECT_GT(dropped_log_lines(), before) << "nobody read, and nobody waited";
}

TEST_F(LogWriterTest, EveryThreadsLinesArriveWhole) {
  {
    const LogWriter writer(pipe_.writer());
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < 4; ++thread)
      threads.emplace_back([thread] {
        for (size_t i = 0; i < 100; ++i) say(words(thread * 1000 + i));
      });
    for (auto& thread : threads) thread.join();
  }
  std::vector<size_t> next{0, 1000, 2000, 3000};
  for (const std::string& one : split_lines(pipe_.read())) {
    const size_t thread = std::strtoull(one.c_str(), nullptr, 10) / 1000;
    ASSERT_LT(thread, 4u);
    EXPECT_EQ(one + "\n", words(next[thread]++));
  }
  EXPECT_EQ(next, (std::vector<size_t>{100, 1100, 2100, 3100}));
}

TEST_F(LogWriterTest, TakesNoSignalThatIsForOthers) {
  const LogWriter writer(pipe_.writer());
  sigset_t one, before;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &one, &before);
  ::kill(::getpid(), SIGUSR1);  // would end the process, if its thread took it
  int heard = 0;
  EXPECT_EQ(sigwait(&one, &heard), 0);
  EXPECT_EQ(heard, SIGUSR1);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(LogWriterDeathTest, AnAssertionIsTheLastWordAfterAllThatWasSaid) {
  EXPECT_DEATH(
      {
        const LogWriter writer;
        for (size_t i = 0; i < 1000; ++i) say(words(i));
        RHUMB_ASSERT(writer.kRoom == 0);
      },
      "999 \\.+\nassertion failed: writer.kRoom == 0 at ");
}

TEST(LogWriterDeathTest, AnExceptionThatNobodyCatchesIsSaid) {
  EXPECT_DEATH(
      {
        const LogWriter writer;
        say("before\n");
        []() noexcept { (void)std::string("x").at(5); }();
      },
      "before\nterminate called: .*out_of_range");
}

}  // namespace
}  // namespace rhumb::base
