// SPDX-License-Identifier: Apache-2.0
#include "net/watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rhumb::net {
namespace {

struct Watcher final : WatchOwner {
  void on_ready(Ready r) noexcept override { ready = r, ++calls; }
  Ready ready{};
  int calls = 0;
};

TEST(Watch, TellsWhatTheDescriptorIsReadyForOnceAnEdge) {
  base::SystemClock clock;
  Loop loop(clock);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  Watcher owner;
  Watch watch;
  watch.start(loop, ends[0], owner);
  loop.turn(base::Millis(100));
  EXPECT_TRUE(owner.ready.write && !owner.ready.read && !owner.ready.closed);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  loop.turn(base::Millis(100));
  EXPECT_TRUE(owner.ready.read);
  const int before = owner.calls;
  loop.turn(base::Micros(0));
  EXPECT_EQ(owner.calls, before) << "the same edge does not come twice";
  ::close(ends[1]);
  loop.turn(base::Millis(100));
  EXPECT_TRUE(owner.ready.closed);
  watch.stop();
  watch.stop();
  EXPECT_FALSE(watch.active());
  ::close(ends[0]);
}

}  // namespace
}  // namespace rhumb::net
