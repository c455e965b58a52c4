// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

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

}  // namespace
}  // namespace rhumb::proxy
