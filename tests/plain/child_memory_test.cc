// SPDX-License-Identifier: Apache-2.0
// What no sanitizer lets us see: a checking child that really runs out of the address space it may have. Built without
// any, from the sources of base/child alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/child.h"

namespace rhumb::base {
namespace {

constexpr const char* kCommand = "__test-child";
constexpr ChildLimits kLimits{256ull << 20, std::chrono::seconds(30)};

volatile bool deeper = true;
int descend() {
  volatile char here[4096];
  here[0] = 1;
  return deeper ? descend() + here[0] : 0;
}

/// Takes memory for ever, in small pieces or large ones, or goes down its stack for ever.
Result<void, std::string> devour(int fd) {
  const std::string order = read_descriptor(fd).value();
  if (order == "stack") descend();
  std::vector<std::vector<char>> all;
  for (const size_t size = order == "large" ? 32 << 20 : 10'000;;) all.emplace_back(size, 'x');
}

__attribute__((constructor)) void answer_as_child(int argc, char** argv, char**) {
  if (argc != 3 || std::strcmp(argv[1], kCommand) != 0) return;
  _exit(child_main(std::atoi(argv[2]), kLimits, devour));
}

std::string said(const char* order) {
  const auto copy = MemoryFile::of(order);
  const auto result = run_child(kCommand, copy->fd(), kLimits);
  return result ? "fine" : result.error();
}

TEST(ChildMemory, YAML_AChildThatSwellsIsRefusedInWords) {
  EXPECT_EQ(said("small"), "its check needs more than 256 MiB of memory");
  EXPECT_EQ(said("large"), "its check needs more than 256 MiB of memory");
}

TEST(ChildMemory, YAML_AStackThatOverflowsIsADeath) {
  EXPECT_EQ(said("stack"), "the process that checked it died (signal 11)");
}

}  // namespace
}  // namespace rhumb::base
