// SPDX-License-Identifier: Apache-2.0
#include "base/child.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/subprocess.h"

namespace rhumb::base {
namespace {

constexpr const char* kCommand = "__test-child";
constexpr const char* kParentCommand = "__test-parent";
constexpr ChildLimits kLimits{512ull << 20, std::chrono::seconds(30)};
constexpr ChildLimits kHurried{512ull << 20, std::chrono::seconds(1)};

Result<void, std::string> limits_of_this_process() {
  rlimit cpu{}, core{};
  getrlimit(RLIMIT_CPU, &cpu);
  getrlimit(RLIMIT_CORE, &core);
  return Unexpected("cpu " + std::to_string(cpu.rlim_cur) + " core " + std::to_string(core.rlim_max));
}

/// What the bytes behind the descriptor say is done.
Result<void, std::string> obey(int fd) {
  const std::string order = read_descriptor(fd).value();
  if (order == "refuse") return Unexpected(std::string("a reason"));
  if (order == "abort") std::abort();
  if (order == "exit") _exit(7);
  if (order == "wait" && rewrite_descriptor(fd, "waiting")) std::this_thread::sleep_for(std::chrono::hours(1));
  if (order == "limits") return limits_of_this_process();
  for (volatile uint64_t turns = 0; order == "spin";) turns = turns + 1;
  return {};
}

std::string said(const char* order, const ChildLimits& limits = kLimits);

// The child is this very program, started again; so is a parent that is to die.
__attribute__((constructor)) void answer_as_child(int argc, char** argv, char**) {
  if (argc == 2 && std::strcmp(argv[1], kParentCommand) == 0) _exit(said("wait").empty() ? 1 : 0);
  if (argc != 3 || std::strcmp(argv[1], kCommand) != 0) return;
  _exit(child_main(std::atoi(argv[2]), std::getenv("RHUMB_TEST_HURRY") != nullptr ? kHurried : kLimits, obey));
}

std::string said(const char* order, const ChildLimits& limits) {
  const auto copy = MemoryFile::of(order);
  EXPECT_TRUE(copy.has_value());
  const auto result = run_child(kCommand, copy->fd(), limits);
  return result ? "fine" : result.error();
}

TEST(RunChild, PassesOnWhatTheWorkSays) {
  EXPECT_EQ(said("nothing"), "fine");
  EXPECT_EQ(said("refuse"), "a reason");
}

/// The child of a process, once it runs its work; -1 after a while.
pid_t working_child_of(pid_t parent) {
  const std::string children = "/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children";
  for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
    pid_t child = -1;
    std::ifstream(children) >> child;
    const std::string question = "/proc/" + std::to_string(child) + "/fd/3";
    std::error_code nothing_there;
    // What it has there before it is our program may be a pipe, and a read from that would wait.
    if (!std::filesystem::read_symlink(question, nothing_there).string().starts_with("/memfd:")) continue;
    std::string word;
    std::ifstream(question) >> word;
    if (word == "waiting") return child;
  }
  return -1;
}

TEST(RunChild, H9_EndsWithTheProcessThatWaitsForIt) {
  Launch parent{{"/proc/self/exe", kParentCommand}, {}, {}};
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // the orphan becomes ours, so that its end is seen
  const pid_t started = launch(parent).value();
  const pid_t child = working_child_of(started);
  ASSERT_GT(child, 0);
  std::ifstream words("/proc/" + std::to_string(child) + "/cmdline");
  std::string line((std::istreambuf_iterator<char>(words)), {});
  std::replace(line.begin(), line.end(), '\0', ' ');
  EXPECT_EQ(line, "/proc/self/exe __test-child 3 ") << "what it looks at is behind a descriptor";
  ASSERT_EQ(::kill(started, SIGKILL), 0);
  EXPECT_EQ(::waitpid(started, nullptr, 0), started);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(RunChild, ADeathIsAReason) {
  EXPECT_EQ(said("abort"), "the process that checked it died (signal 6)");
  EXPECT_EQ(said("exit"), "the process that checked it died (exit code 7)");
}

TEST(RunChild, StopsAChildThatWaits) { EXPECT_EQ(said("wait", kHurried), "its check took more than 1 s"); }

TEST(RunChild, StopsAChildThatSpins) {
  // The clock of the parent is far away: only the child's own limit of processor time can end it.
  setenv("RHUMB_TEST_HURRY", "1", 1);
  const std::string why = said("spin");
  unsetenv("RHUMB_TEST_HURRY");
  EXPECT_EQ(why, "its check took more than 30 s");
}

TEST(RunChild, LimitsProcessorTimeAndLeavesNoCore) { EXPECT_EQ(said("limits"), "cpu 30 core 0"); }

TEST(RunChild, AChildWithoutADescriptorIsRefused) { EXPECT_FALSE(run_child(kCommand, -1, kLimits).has_value()); }

TEST(MemoryFile, TakesAnAnswerUntilItIsSealed) {
  auto file = MemoryFile::of("a rather long question");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(read_descriptor(file->fd()).value(), "a rather long question");
  ASSERT_TRUE(rewrite_descriptor(file->fd(), "an answer").has_value());
  EXPECT_EQ(file->sealed(9).value(), "an answer");
  EXPECT_EQ(pwrite(file->fd(), "x", 1, 0), -1);
  EXPECT_EQ(ftruncate(file->fd(), 0), -1);
  EXPECT_EQ(mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd(), 0), MAP_FAILED);
  EXPECT_FALSE(rewrite_descriptor(file->fd(), "another").has_value());
  EXPECT_EQ(read_descriptor(file->fd()).value(), "an answer");
}

TEST(MemoryFile, ReadsNoMoreThanIsAllowed) {
  auto file = MemoryFile::of("12345");
  EXPECT_EQ(file->sealed(4).error(), "it has 5 bytes, and 4 are allowed");
}

TEST(ReadDescriptor, AMissingOneIsAnError) { EXPECT_FALSE(read_descriptor(-1).has_value()); }

}  // namespace
}  // namespace rhumb::base
