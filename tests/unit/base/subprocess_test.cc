// SPDX-License-Identifier: Apache-2.0
#include "base/subprocess.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace rhumb::base {
namespace {

Finished run(std::vector<std::string> argv, std::chrono::seconds timeout = std::chrono::seconds(60)) {
  Command command;
  command.argv = std::move(argv);
  command.timeout = timeout;
  auto finished = run_program(command);
  EXPECT_TRUE(finished.has_value()) << finished.error();
  return std::move(*finished);
}

TEST(RunProgram, CollectsBothOutputs) {
  const Finished finished = run({"sh", "-c", "echo out; echo err >&2"});
  EXPECT_TRUE(finished.ok());
  EXPECT_EQ(finished.output, "out\nerr\n");
}

TEST(RunProgram, TellsHowItEnded) {
  EXPECT_EQ(run({"sh", "-c", "exit 7"}).describe(), "exit code 7");
  EXPECT_EQ(run({"sh", "-c", "kill -9 $$"}).describe(), "signal 9");
  EXPECT_FALSE(run({"sh", "-c", "exit 7"}).ok());
}

TEST(RunProgram, EndsWhatTakesTooLongWithItsChildren) {
  const Finished finished = run({"sh", "-c", "sleep 1000 & sleep 1000"}, std::chrono::seconds(1));
  EXPECT_TRUE(finished.timed_out);
  EXPECT_FALSE(finished.ok());
  EXPECT_EQ(finished.describe(), "stopped after its time was over");
}

TEST(RunProgram, ArgumentsAreNotForAShell) {
  EXPECT_EQ(run({"printf", "%s|", "a b", "$HOME", "`x`; y"}).output, "a b|$HOME|`x`; y|");
}

TEST(RunProgram, KeepsTheEndOfALongOutput) {
  const Finished finished = run({"sh", "-c", "seq 1 20000"});
  EXPECT_LE(finished.output.size(), kMaxOutput);
  EXPECT_TRUE(finished.output.ends_with("20000\n"));
}

TEST(RunProgram, RunsWhereItIsTold) {
  Command command;
  command.argv = {"pwd"};
  command.directory = "/usr";
  EXPECT_EQ(run_program(command)->output, "/usr\n");
}

TEST(RunProgram, PassesOneDescriptorAndNoOther) {
  const int fd = memfd_create("passed", MFD_CLOEXEC);
  ASSERT_EQ(pwrite(fd, "passed", 6, 0), 6);
  Command command;
  command.argv = {"sh", "-c", "cat <&3"};
  command.pass_fd = fd;
  EXPECT_EQ(run_program(command)->output, "passed");
  command.pass_fd = -1;
  EXPECT_FALSE(run_program(command)->ok());
  close(fd);
}

TEST(RunProgram, AMissingProgramIsAnError) {
  Command command;
  command.argv = {"rhumb-no-such-program"};
  const auto finished = run_program(command);
  ASSERT_FALSE(finished.has_value());
  EXPECT_EQ(finished.error(), "cannot run rhumb-no-such-program: No such file or directory");
}

TEST(LaunchTest, GivesDescriptorsInOrderAndNothingOfOurEnvironment) {
  int in[2], out[2];
  ASSERT_EQ(pipe(in), 0);
  ASSERT_EQ(pipe(out), 0);
  ASSERT_EQ(write(in[1], "given", 5), 5);
  close(in[1]);
  // 3 and 4 may be taken here: the copies must not step on each other.
  const auto pid =
      launch({{"/bin/sh", "-c", "printf \"$ONLY ${HOME-none} \" >&4; cat <&3 >&4"}, {"ONLY=this"}, {in[0], out[1]}});
  ASSERT_TRUE(pid.has_value()) << pid.error();
  close(in[0]), close(out[1]);
  std::string text;
  char room[64];
  for (ssize_t got; (got = read(out[0], room, sizeof room)) > 0;) text.append(room, static_cast<size_t>(got));
  EXPECT_EQ(text, "this none given");
  EXPECT_EQ(waitpid(*pid, nullptr, 0), *pid);
  close(out[0]);
}

TEST(LaunchTest, AMissingProgramIsAnError) {
  const auto pid = launch({{"/nowhere/rhumb"}, {}, {}});
  ASSERT_FALSE(pid.has_value());
  EXPECT_EQ(pid.error(), "cannot run /nowhere/rhumb: No such file or directory");
}

TEST(ProgramExists, LooksThroughThePath) {
  EXPECT_TRUE(program_exists("sh"));
  EXPECT_FALSE(program_exists("rhumb-no-such-program"));
}

}  // namespace
}  // namespace rhumb::base
