// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "net/socket.h"
#include "tests/unit/base/outlets.h"
#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::comes_true;

/// A file that is gone with the test. What one request's line says is tested through a gateway, in
/// exchange_log_test.cc.
class AccessLogFile : public ::testing::Test {
 protected:
  base::Cell unwritten_;

  AccessLogFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rhumb-log-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    path_ = (directory_ / "access.log").string();
  }
  ~AccessLogFile() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::unique_ptr<AccessLog> open(unsigned workers = 1, size_t bytes = 64 * 1024) {
    return std::make_unique<AccessLog>(sink(path_), workers, bytes, unwritten_);
  }
  static AccessLog::Sink sink(const std::string& path) {
    auto sink = AccessLog::Sink::open(path);
    EXPECT_TRUE(sink.has_value());
    return sink ? std::move(*sink) : AccessLog::Sink();
  }
  std::string content() const { return content(path_); }
  static std::string content(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::filesystem::path directory_;
  std::string path_;
};

TEST_F(AccessLogFile, LinesOfARingReachTheFileInOrder) {
  auto log = open();
  EXPECT_TRUE(log->ring(0)->push("one\n"));
  EXPECT_TRUE(log->ring(0)->push("two\n"));
  log.reset();
  EXPECT_EQ(content(), "one\ntwo\n");
}

TEST_F(AccessLogFile, EveryWorkersLinesArriveWhole) {
  constexpr int kLines = 2000;
  auto log = open(3);
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < 3; ++worker)
    workers.emplace_back([&, worker] {
      for (int i = 0; i < kLines;)
        if (log->ring(worker)->push("worker " + std::to_string(worker) + " line " + std::to_string(i) + "\n"))
          ++i;
        else
          std::this_thread::yield();  // a ring is small: its writer comes by
    });
  for (auto& worker : workers) worker.join();
  log.reset();
  std::istringstream lines(content());
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(seen.insert(line).second) << line;
  EXPECT_EQ(seen.size(), 3u * kLines);
  EXPECT_EQ(seen.count("worker 2 line 1999"), 1u);
}

TEST_F(AccessLogFile, AFileThatIsThereIsContinued) {
  std::ofstream(path_) << "before\n";
  auto log = open();
  log->ring(0)->push("after\n");
  log.reset();
  EXPECT_EQ(content(), "before\nafter\n");
}

TEST_F(AccessLogFile, OthersMayNotReadIt) {
  open();
  const auto mode = std::filesystem::status(path_).permissions();
  EXPECT_EQ(mode & std::filesystem::perms::others_all, std::filesystem::perms::none);
}

TEST_F(AccessLogFile, APathThatCannotBeOpenedIsSaid) {
  const auto sink = AccessLog::Sink::open((directory_ / "no" / "such" / "place").string());
  ASSERT_FALSE(sink.has_value());
  EXPECT_NE(sink.error().find("no/such/place"), std::string::npos);
  EXPECT_NE(sink.error().find("No such file"), std::string::npos);
}

TEST_F(AccessLogFile, ASinkThatTakesNothingDoesNotStopTheWriter) {
  auto log = std::make_unique<AccessLog>(sink("/dev/full"), 1, 4096, unwritten_);
  for (int i = 0; i < 100; ++i) log->ring(0)->push("lost\n");
  log.reset();  // ends, although not one line could be written
  EXPECT_EQ(unwritten_.get(), 100u);
}

TEST_F(AccessLogFile, AFileThatWasRenamedIsLeftAndNoLineIsLostByThat) {
  constexpr int kLines = 3000, kRotations = 5;
  const auto push = [](AccessLog& log, const std::string& line) {
    while (!log.ring(0)->push(line)) std::this_thread::yield();
  };
  auto log = open();
  std::thread worker([&] {
    for (int i = 0; i < kLines; ++i) push(*log, "line " + std::to_string(i) + "\n");
  });
  for (int rotation = 0; rotation < kRotations; ++rotation) {
    std::filesystem::rename(path_, path_ + "." + std::to_string(rotation));
    log->reopen();
    EXPECT_TRUE(comes_true([&] { return std::filesystem::exists(path_); })) << "nobody made the new file";
  }
  worker.join();
  push(*log, "after\n");
  log.reset();
  std::string all;
  for (int rotation = 0; rotation < kRotations; ++rotation) all += content(path_ + "." + std::to_string(rotation));
  EXPECT_TRUE(content().ends_with("after\n")) << "the file of that name has the last lines";
  all += content();
  std::string expected;
  for (int i = 0; i < kLines; ++i) expected += "line " + std::to_string(i) + "\n";
  EXPECT_EQ(all, expected + "after\n");
}

TEST_F(AccessLogFile, AFileThatCannotBeOpenedAnewIsKept) {
  auto log = open();
  log->ring(0)->push("before\n");
  EXPECT_TRUE(comes_true([&] { return content() == "before\n"; }));
  std::filesystem::rename(path_, path_ + ".1");
  std::filesystem::create_directory(path_);
  ::testing::internal::CaptureStderr();
  log->reopen();
  log->ring(0)->push("after\n");
  log.reset();
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("Is a directory; lines go on to the file that was open"),
            std::string::npos);
  EXPECT_EQ(content(path_ + ".1"), "before\nafter\n");
}

TEST_F(AccessLogFile, LinesGoWhereTheyAreSentFromNowOn) {
  const std::string other = (directory_ / "other.log").string();
  auto log = open();
  log->ring(0)->push("first\n");
  EXPECT_TRUE(comes_true([&] { return content() == "first\n"; }));
  log->redirect(sink(other));
  EXPECT_TRUE(comes_true([&] {
    log->ring(0)->push("x\n");
    return !content(other).empty();
  }));
  log->redirect(sink("off"));
  log.reset();
  EXPECT_EQ(content().substr(0, 6), "first\n");
  EXPECT_EQ(unwritten_.get(), 0u) << "off is no loss";
}

TEST_F(AccessLogFile, NothingIsWrittenWhileItIsOff) {
  auto log = std::make_unique<AccessLog>(sink("off"), 1, 4096, unwritten_);
  log->ring(0)->push("unseen\n");
  log->reopen();
  log.reset();
  EXPECT_EQ(unwritten_.get(), 0u);
  EXPECT_FALSE(std::filesystem::exists("off"));
}

/// A log on a FIFO, and what its reader does.
class AccessLogFifo : public AccessLogFile {
 protected:
  AccessLogFifo() : before_(std::signal(SIGPIPE, SIG_IGN)) { EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0); }
  ~AccessLogFifo() override { std::signal(SIGPIPE, before_); }
  net::Fd reader() const { return net::Fd(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)); }
  /// All that is in it now.
  static std::string read(const net::Fd& from) {
    std::string out;
    char buffer[65536];
    for (ssize_t n; (n = ::read(from.get(), buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<size_t>(n));
    return out;
  }
  static std::string words(int number) {
    std::string line = std::to_string(number) + " ";
    line.resize(99, '.');
    return line + "\n";
  }
  /// More lines than the FIFO holds: its writer stands and waits, or is about to.
  int fill(AccessLog& log, const net::Fd& from) {
    int number = 0;
    for (size_t bytes = 0; bytes < 2 * kFifo; ++number) {
      EXPECT_TRUE(log.ring(0)->push(words(number)));
      bytes += words(number).size();
    }
    EXPECT_TRUE(comes_true([&] {
      int held = 0;
      return ::ioctl(from.get(), FIONREAD, &held) == 0 && static_cast<size_t>(held) > kFifo / 2;
    }));
    return number;
  }
  static constexpr size_t kFifo = 64 * 1024;

 private:
  void (*before_)(int);
};

TEST_F(AccessLogFifo, OneThatNobodyReadsIsOpenedWithoutAWaitAndItsLinesWaitForTheReader) {
  auto log = open();
  log->ring(0)->push("one\n");
  EXPECT_TRUE(comes_true([&] { return log->ring(0)->empty(); }));
  const net::Fd late = reader();
  std::string got;
  EXPECT_TRUE(comes_true([&] { return (got += read(late)) == "one\n"; }));
  log->ring(0)->push("two\n");
  log.reset();
  EXPECT_EQ(read(late), "two\n");
  EXPECT_EQ(unwritten_.get(), 0u);
}

TEST_F(AccessLogFifo, TheEndDoesNotWaitForAReaderAndCountsWhatIsLost) {
  const net::Fd lazy = reader();
  auto log = open(1, 1024 * 1024);
  const int lines = fill(*log, lazy);
  log->ring(0)->push("in the ring\n");
  log.reset();
  const std::string got = read(lazy);
  EXPECT_GT(got.size(), kFifo / 2);
  EXPECT_EQ(static_cast<uint64_t>(std::count(got.begin(), got.end(), '\n')) + unwritten_.get(),
            static_cast<uint64_t>(lines) + 1);
}

TEST_F(AccessLogFifo, TheEndDoesNotWaitForOneWhoNeverCameEither) {
  auto log = open();
  log->ring(0)->push("one\n");
  log.reset();
  EXPECT_EQ(unwritten_.get(), 1u);
}

TEST_F(AccessLogFifo, WhileNobodyReadsLinesCanBeSentElsewhereAndNoneIsLostOrCut) {
  const std::string other = (directory_ / "other.log").string();
  const net::Fd lazy = reader();
  auto log = open(1, 1024 * 1024);
  const int lines = fill(*log, lazy);
  log->redirect(sink(other));
  EXPECT_TRUE(comes_true([&] { return content(other).ends_with(words(lines - 1)); }));
  std::string expected;
  for (int i = 0; i < lines; ++i) expected += words(i);
  EXPECT_EQ(read(lazy) + content(other), expected);
  log.reset();
  EXPECT_EQ(unwritten_.get(), 0u);
}

TEST_F(AccessLogFifo, WhileNobodyReadsItCanBeReplacedByAFile) {
  const net::Fd lazy = reader();
  auto log = open(1, 1024 * 1024);
  const int lines = fill(*log, lazy);
  std::filesystem::rename(path_, path_ + ".1");
  log->reopen();
  EXPECT_TRUE(comes_true([&] { return std::filesystem::exists(path_) && content().ends_with(words(lines - 1)); }));
  log.reset();
  EXPECT_EQ(unwritten_.get(), 0u);
}

TEST_F(AccessLogFifo, AReaderThatWentIsFollowedByTheNext) {
  net::Fd first = reader();
  auto log = open();
  log->ring(0)->push("one\n");
  std::string got;
  EXPECT_TRUE(comes_true([&] { return (got += read(first)) == "one\n"; }));
  first.reset();
  log->ring(0)->push("two\n");
  EXPECT_TRUE(comes_true([&] { return log->ring(0)->empty(); }));
  const net::Fd second = reader();
  got.clear();
  EXPECT_TRUE(comes_true([&] { return (got += read(second)) == "two\n"; })) << got;
  log.reset();
  EXPECT_EQ(unwritten_.get(), 0u);
}

TEST_F(AccessLogFile, AFileWhoseNameAFifoHasTakenIsLeftForIt) {
  auto log = open();
  log->ring(0)->push("before\n");
  EXPECT_TRUE(comes_true([&] { return content() == "before\n"; }));
  std::filesystem::rename(path_, path_ + ".1");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  log->reopen();
  // Nobody reads it; and yet the log can be sent back to a file.
  log->redirect(sink(path_ + ".1"));
  log->ring(0)->push("after\n");
  log.reset();
  EXPECT_EQ(content(path_ + ".1"), "before\nafter\n");
  EXPECT_EQ(unwritten_.get(), 0u);
}

TEST_F(AccessLogFile, WhatIsNoFileFifoOrCharacterDeviceIsRefused) {
  net::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const auto socket = AccessLog::Sink::open(path_);
  ASSERT_FALSE(socket.has_value());
  EXPECT_EQ(socket.error(), "access log " + path_ + ": it is a socket");
  EXPECT_TRUE(AccessLog::Sink::open("/dev/null").has_value());
}

TEST_F(AccessLogFile, LinesStayWholeWhenTheDiskWasFullAndTheLostOnesAreCounted) {
  constexpr int kBefore = 40, kDuring = 10, kAfter = 5;
  const auto push = [](AccessLog& log, int from, int count) {
    for (int i = from; i < from + count; ++i) EXPECT_TRUE(log.ring(0)->push(fmt::format("line {:0>24}\n", i)));
  };
  auto log = open();
  {
    base::FullDisk full(1000);  // 33 lines, and a third of one
    push(*log, 0, kBefore);
    EXPECT_TRUE(comes_true([&] { return unwritten_.get() == 6; }));
    push(*log, kBefore, kDuring);
    EXPECT_TRUE(comes_true([&] { return unwritten_.get() == 6u + kDuring; }));
  }
  push(*log, kBefore + kDuring, kAfter);
  log.reset();
  std::string expected;
  for (int i = 0; i < kBefore + kDuring + kAfter; ++i)
    if (i <= 33 || i >= kBefore + kDuring) expected += fmt::format("line {:0>24}\n", i);
  EXPECT_EQ(content(), expected);
  EXPECT_EQ(unwritten_.get(), 6u + kDuring) << "the line that was cut is whole, and not lost";
}

TEST_F(AccessLogFile, ALineThatIsCutAtTheEndIsCountedAndTheNextProcessBeginsANewOne) {
  {
    auto log = open();
    base::FullDisk full(45);
    for (int i = 0; i < 2; ++i) log->ring(0)->push(fmt::format("line {:0>24}\n", i));
    log.reset();
  }
  EXPECT_EQ(unwritten_.get(), 1u);
  auto log = open();
  log->ring(0)->push("next\n");
  log.reset();
  EXPECT_EQ(content(), fmt::format("line {:0>24}\nline 0000000000\nnext\n", 0));
}

}  // namespace
}  // namespace rhumb::proxy
