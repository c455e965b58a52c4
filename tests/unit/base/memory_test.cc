// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rhumb::base {
namespace {

TEST(Strain, GrowsWithWhatIsUsed) {
  constexpr uint64_t kLimit = 1 << 30;
  const auto at = [](double share) { return strain_of(static_cast<uint64_t>(share * kLimit), kLimit); };
  EXPECT_EQ(at(0.5), Strain::none);
  EXPECT_EQ(at(0.79), Strain::none);
  EXPECT_EQ(at(0.81), Strain::keep_alive);
  EXPECT_EQ(at(0.93), Strain::keep_alive);
  EXPECT_EQ(at(0.95), Strain::requests);
  EXPECT_EQ(at(0.98), Strain::connections);
  EXPECT_EQ(at(5), Strain::connections);
  EXPECT_EQ(strain_of(UINT64_MAX, 0), Strain::none) << "no limit";
}

TEST(ResidentBytes, GrowWithMemoryThatIsTouched) {
  const uint64_t before = resident_bytes();
  ASSERT_GT(before, 0u);
  constexpr size_t kMore = 64 << 20;
  const auto block = std::make_unique<char[]>(kMore);  // zeroed, so touched
  EXPECT_GE(resident_bytes() + (1 << 20), before + kMore) << static_cast<void*>(block.get());
}

TEST(PinnedBytes, CountWhatIsTouchedUnlessAFileHasIt) {
  if (::madvise(nullptr, 0, MADV_POPULATE_WRITE) != 0)
    GTEST_SKIP() << "this kernel does not populate memory (Linux 5.14)";
  constexpr size_t kMore = 64 << 20;
  const std::string path = ::testing::TempDir() + "pinned." + std::to_string(::getpid());
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::ftruncate(fd, kMore), 0);
  const auto touched = [&](int flags, int file) {
    const uint64_t before = pinned_bytes();
    void* const memory = ::mmap(nullptr, kMore, PROT_READ | PROT_WRITE, flags, file, 0);
    // By the kernel: a sanitizer keeps books of what the process writes itself, in memory that counts.
    EXPECT_EQ(::madvise(memory, kMore, MADV_POPULATE_WRITE), 0);
    const uint64_t after = pinned_bytes();
    ::munmap(memory, kMore);
    return after > before ? after - before : 0;
  };
  EXPECT_GE(touched(MAP_PRIVATE | MAP_ANONYMOUS, -1) + (1 << 20), kMore);
  EXPECT_LT(touched(MAP_SHARED, fd), kMore / 8);
  ::close(fd);
  ::unlink(path.c_str());
}

class Cgroup : public ::testing::Test {
 protected:
  Cgroup() {
    char name[] = "/tmp/rhumb-cgroup-XXXXXX";
    root_ = mkdtemp(name);
  }
  ~Cgroup() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = root_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
  }
  uint64_t sockets() const { return cgroup_socket_bytes(root_, root_ + "/membership"); }
  uint64_t limit() const { return cgroup_memory_limit(root_, root_ + "/membership"); }
  std::string root_;
};

TEST_F(Cgroup, WhatTheKernelHoldsForItsSocketsIsInItsStatistics) {
  EXPECT_EQ(sockets(), 0u) << "no membership";
  write("membership", "9:name=systemd:/else\n0::/slice/unit");
  EXPECT_EQ(sockets(), 0u) << "no statistics";
  write("slice/unit/memory.stat", "anon 1048576\nsock 8192\nshmem 0");
  write("slice/memory.stat", "sock 12288");
  EXPECT_EQ(sockets(), 8192u);
  write("slice/unit/memory.stat", "anon 1048576\nsocket 7");
  EXPECT_EQ(sockets(), 0u);
}

TEST_F(Cgroup, TheLeastLimitOnTheWayUpHolds) {
  write("membership", "0::/slice/unit");
  write("slice/unit/memory.max", "max");
  EXPECT_EQ(limit(), 0u);
  write("slice/memory.max", "536870912");
  EXPECT_EQ(limit(), 536870912u);
  write("slice/unit/memory.max", "1048576");
  EXPECT_EQ(limit(), 1048576u);
}

TEST_F(Cgroup, OfAServiceItIsMemoryMaxAndNotMemoryHigh) {
  write("membership", "0::/system.slice/rhumb.service");
  write("system.slice/memory.max", "max");
  write("system.slice/rhumb.service/memory.high", "6270640128");
  write("system.slice/rhumb.service/memory.max", "6442450944");
  EXPECT_EQ(limit(), 6442450944u);
}

TEST_F(Cgroup, AContainerSeesItselfAtTheRoot) {
  write("membership", "0::/");
  write("memory.max", "1000000");
  EXPECT_EQ(limit(), 1000000u);
}

TEST_F(Cgroup, WithoutTheSecondVersionThereIsNone) {
  EXPECT_EQ(limit(), 0u);
  write("membership", "4:memory:/x\n3:cpu:/");
  EXPECT_EQ(limit(), 0u);
}

}  // namespace
}  // namespace rhumb::base
