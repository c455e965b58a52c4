// SPDX-License-Identifier: Apache-2.0
#include "base/thread.h"

#include "tests/unit/base/no_threads.h"

namespace rhumb::base {
namespace {

TEST(Thread, RunsItsWork) {
  std::thread thread;
  bool ran = false;
  ASSERT_TRUE(start_thread(thread, [&] { ran = true; }));
  thread.join();
  EXPECT_TRUE(ran);
}

TEST(Thread, SaysWhyThereIsNone) {
  without_threads([] {
    std::thread thread;
    const auto started = start_thread(thread, [] { FAIL() << "there is no room for it"; });
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), "cannot start a thread: Resource temporarily unavailable");
    EXPECT_FALSE(thread.joinable());
  });
}

}  // namespace
}  // namespace rhumb::base
