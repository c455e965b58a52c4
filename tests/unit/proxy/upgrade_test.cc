// SPDX-License-Identifier: Apache-2.0
// The process that comes is a shell here, which says that it serves, or does not.
#include "proxy/upgrade.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>

namespace rhumb::proxy {
namespace {

class UpgradeTest : public ::testing::Test {
 protected:
  UpgradeTest() : loop(clock), upgrade(loop, [this](auto result) { end = std::move(result); }) {}
  pid_t start(const std::string& script, const Upgrade::Named& sockets = {}, base::Micros limit = Upgrade::kLimit) {
    const auto started = upgrade.start({"/bin/sh", "-c", script}, sockets, limit);
    EXPECT_TRUE(started.has_value());
    return started.value_or(-1);
  }
  void turn_until_the_end() {
    for (int i = 0; i < 1000 && !end; ++i) loop.turn(base::Millis(20));
    ASSERT_TRUE(end.has_value());
  }
  base::SystemClock clock;
  net::Loop loop;
  std::optional<base::Result<pid_t, std::string>> end;
  Upgrade upgrade;
};

TEST_F(UpgradeTest, TheOneThatSaysItServesGoesOn) {
  const pid_t child = start("printf 1 >&3; exec sleep 100");
  turn_until_the_end();
  ASSERT_TRUE(end->has_value());
  EXPECT_EQ(**end, child);
  EXPECT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(PassedText, ComesOutAsItWentInAndOnce) {
  const std::string text = std::string(10'000, 'x') + "end";
  std::vector<net::Inherited> passed;
  passed.push_back({"web", net::Fd()});
  passed.push_back({"overrides", passed_text(text)});
  EXPECT_EQ(take_text(passed, "nobody"), "");
  EXPECT_EQ(take_text(passed, "overrides"), text);
  EXPECT_EQ(take_text(passed, "overrides"), "");
  EXPECT_EQ(passed.size(), 1u) << "the sockets are left";
}

TEST_F(UpgradeTest, TheOneThatEndsIsTold) {
  start("exit 78");
  turn_until_the_end();
  ASSERT_FALSE(end->has_value());
  EXPECT_EQ(end->error(), "the new process ended (exit code 78)");
}

TEST_F(UpgradeTest, TheOneThatTakesTooLongIsEnded) {
  const pid_t child = start("exec sleep 100", {}, base::Millis(50));
  turn_until_the_end();
  ASSERT_FALSE(end->has_value());
  EXPECT_EQ(end->error(), "the new process did not serve in time (signal 9)");
  EXPECT_EQ(::kill(child, 0), -1);
}

TEST_F(UpgradeTest, WhatIsNoProgramIsSaidAtOnce) {
  const auto started = upgrade.start({"/nowhere/rhumb"}, {});
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error(), "cannot run /nowhere/rhumb: No such file or directory");
}

TEST_F(UpgradeTest, SocketsComeInOrderWithTheirNames) {
  ::setenv("LISTEN_FDS", "7", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const net::Fd reader(ends[0]), writer(ends[1]);
  // Given twice, also to the number it may have here already.
  start("printf \"$LISTEN_FDS $LISTEN_FDNAMES $RHUMB_UPGRADE_FD ${WATCHDOG_PID-none} ${LISTEN_PID-none}\" >&4; exit 1",
        {{"web", reader.get()}, {"web", writer.get()}, {"admin", writer.get()}});
  ::unsetenv("LISTEN_FDS");
  ::unsetenv("WATCHDOG_PID");
  turn_until_the_end();
  char text[200];
  const ssize_t got = ::read(reader.get(), text, sizeof text);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(text, static_cast<size_t>(got)), "3 web:web:admin 6 none none");
}

TEST(Upgrade, WhenTheOldOneEndsFirstTheNewOneGoesWithIt) {
  base::SystemClock clock;
  net::Loop loop(clock);
  pid_t child = -1;
  {
    Upgrade upgrade(loop, [](const auto&) { ADD_FAILURE(); });
    child = upgrade.start({"/bin/sh", "-c", "exec sleep 100"}, {}).value_or(-1);
    ASSERT_GT(child, 0);
  }
  EXPECT_EQ(::kill(child, 0), -1);
}

TEST(Successor, H9_GoesWithTheOneThatStartedItUntilItServes) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  net::Fd reader(ends[0]);
  ::setenv("RHUMB_UPGRADE_FD", std::to_string(ends[1]).c_str(), 1);
  Successor successor = Successor::from_environment();
  int signal = 0;
  EXPECT_EQ(::prctl(PR_GET_PDEATHSIG, &signal), 0);
  EXPECT_EQ(signal, SIGKILL);
  EXPECT_FALSE(successor.orphaned());
  reader.reset();
  EXPECT_TRUE(successor.orphaned()) << "it was gone before anybody asked to be killed";
  std::signal(SIGPIPE, SIG_IGN);
  successor.serves();
  std::signal(SIGPIPE, SIG_DFL);
  EXPECT_EQ(::prctl(PR_GET_PDEATHSIG, &signal), 0);
  EXPECT_EQ(signal, 0);
  EXPECT_FALSE(successor.orphaned()) << "nobody's business any more";
}

TEST(Successor, SaysOnceThatItServes) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const net::Fd reader(ends[0]);
  ::setenv("RHUMB_UPGRADE_FD", std::to_string(ends[1]).c_str(), 1);
  Successor successor = Successor::from_environment();
  EXPECT_TRUE(successor.active());
  EXPECT_EQ(std::getenv("RHUMB_UPGRADE_FD"), nullptr);
  successor.serves();
  successor.serves();
  EXPECT_FALSE(successor.active());
  char text[4];
  EXPECT_EQ(::read(reader.get(), text, sizeof text), 1);
  EXPECT_EQ(::read(reader.get(), text, sizeof text), 0);
  EXPECT_FALSE(Successor::from_environment().active());
}

TEST(OwnBinary, IsAFile) { EXPECT_EQ(::access(own_binary().c_str(), X_OK), 0) << own_binary(); }

}  // namespace
}  // namespace rhumb::proxy
