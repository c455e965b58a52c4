// SPDX-License-Identifier: Apache-2.0
#include "admin/override_state.h"

#include <gtest/gtest.h>

namespace rhumb::admin {
namespace {

using upstream::Override;
using upstream::OverrideKind;

/// A process of its own: clock, loop and board.
struct Process {
  explicit Process(std::vector<std::string> regions) {
    std::vector<upstream::BoardRegion> all;
    for (const std::string& name : regions) {
      upstream::BoardRegion region;
      region.name = name;
      region.endpoints = {*base::SocketAddress::parse("127.0.0.1:1")};
      region.health.enabled = false;
      all.push_back(std::move(region));
    }
    board.configure(std::move(all), {});
  }
  void pass(base::Micros time) {
    clock.advance(time);
    loop.turn(base::Micros(0));
  }
  base::ManualClock clock;
  net::Loop loop{clock};
  upstream::Board board{loop, 1, {}, {}};
};

Override health(const std::string& region) {
  Override o;
  o.region = region, o.healthy = false, o.owner = "uid 0", o.reason = "disk \"full\"";
  return o;
}

TEST(OverrideState, AnotherProcessGoesOnWithWhatIsLeft) {
  Process old({"eu", "us"});
  ASSERT_TRUE(old.board.overrides().set(health("eu"), base::Seconds(100)));
  Override dial = health("us");
  dial.kind = OverrideKind::dial, dial.dial = 0.25;
  ASSERT_TRUE(old.board.overrides().set(dial, base::Seconds(100)));
  old.pass(base::Seconds(40));
  Process next({"eu", "us"});
  next.pass(base::Seconds(40));
  EXPECT_EQ(restore_overrides(saved_overrides(old.board.overrides()), next.board), 2u);
  EXPECT_FALSE(next.board.states()->of[0].healthy);
  EXPECT_EQ(next.board.states()->of[1].dial, 0.25f);
  EXPECT_EQ(next.board.overrides().note("eu"), old.board.overrides().note("eu"));
  EXPECT_EQ(next.board.overrides().find(OverrideKind::health, "eu")->since,
            old.board.overrides().find(OverrideKind::health, "eu")->since);
  next.pass(base::Seconds(59));
  EXPECT_FALSE(next.board.states()->of[0].healthy);
  next.pass(base::Millis(1'010));
  EXPECT_TRUE(next.board.states()->of[0].healthy);
}

TEST(OverrideState, WhatIsNotUnderstoodIsLeftOut) {
  Process old({"eu", "us"});
  ASSERT_TRUE(old.board.overrides().set(health("eu"), base::Seconds(100)));
  ASSERT_TRUE(old.board.overrides().set(health("us"), base::Seconds(100)));
  std::string saved = saved_overrides(old.board.overrides());
  Process next({"us"});
  EXPECT_EQ(restore_overrides(saved, next.board), 1u) << "eu is not configured there";
  saved.insert(1, R"({"kind":9,"region":"us"},{"kind":"x"},7,)");
  EXPECT_EQ(restore_overrides(saved, next.board), 1u);
  for (const char* text : {"", "{}", "nonsense", "[[[["}) EXPECT_EQ(restore_overrides(text, next.board), 0u);
  EXPECT_EQ(saved_overrides(Process({}).board.overrides()), "[]");
}

}  // namespace
}  // namespace rhumb::admin
