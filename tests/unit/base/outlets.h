// SPDX-License-Identifier: Apache-2.0
// What the tests of logs write to: a pipe whose reader does as it is told, and files that cannot grow.
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

namespace rhumb::base {

/// Blocking, as a shell makes them; empty.
class TestPipe {
 public:
  TestPipe() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
  ~TestPipe() { close_reader(), close_writer(); }
  TestPipe(const TestPipe&) = delete;
  TestPipe& operator=(const TestPipe&) = delete;
  int writer() const noexcept { return ends_[1]; }
  int reader() const noexcept { return ends_[0]; }
  void close_reader() { ::close(std::exchange(ends_[0], -1)); }
  void close_writer() { ::close(std::exchange(ends_[1], -1)); }
  /// All that is in it now.
  std::string read() const {
    std::string out;
    char buffer[65536];
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    for (ssize_t n; (n = ::read(ends_[0], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<size_t>(n));
    return out;
  }
  /// Until everybody has closed the other end.
  std::string read_to_end() const {
    std::string out;
    char buffer[65536];
    ::fcntl(ends_[0], F_SETFL, 0);
    for (ssize_t n; (n = ::read(ends_[0], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<size_t>(n));
    return out;
  }

 private:
  int ends_[2] = {-1, -1};
};

/// While it lives, no file of this process grows beyond `bytes`: a disk that is full for those who write.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit less{bytes, limit_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &less), 0);
  }
  ~FullDisk() { end(); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  void end() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  void (*before_)(int);
  rlimit limit_{};
};

}  // namespace rhumb::base
