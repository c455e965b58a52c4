// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace rhumb::proxy {
namespace {

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
    auto log = AccessLog::open(path_, workers, bytes, unwritten_);
    EXPECT_TRUE(log.has_value());
    return log ? std::move(*log) : nullptr;
  }
  std::string content() const {
    std::ifstream file(path_);
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
  const auto log = AccessLog::open((directory_ / "no" / "such" / "place").string(), 1, 4096, unwritten_);
  ASSERT_FALSE(log.has_value());
  EXPECT_NE(log.error().find("no/such/place"), std::string::npos);
  EXPECT_NE(log.error().find("No such file"), std::string::npos);
}

TEST_F(AccessLogFile, ASinkThatTakesNothingDoesNotStopTheWriter) {
  auto log = AccessLog::open("/dev/full", 1, 4096, unwritten_);
  ASSERT_TRUE(log.has_value());
  for (int i = 0; i < 100; ++i) (*log)->ring(0)->push("lost\n");
  log->reset();  // ends, although not one line could be written
  EXPECT_EQ(unwritten_.get(), 100u);
}

}  // namespace
}  // namespace rhumb::proxy
