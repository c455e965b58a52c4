// SPDX-License-Identifier: Apache-2.0
#include "admin/events.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace rhumb::admin {
namespace {

using nlohmann::json;

TEST(Events, AreNumberedAndReadInOrder) {
  const base::ManualClock clock;
  Events events(clock);
  EXPECT_EQ(events.last(), 0u);
  EXPECT_EQ(events.next_after(0), nullptr);
  events.add(EventKind::region_down, "eu", {}, {{"why", "x"}});
  events.add(EventKind::gateway_started);
  ASSERT_NE(events.next_after(0), nullptr);
  EXPECT_EQ(to_json(*events.next_after(0)),
            R"({"seq":1,"time":"2023-11-14T22:13:20.000Z","kind":"region_down","region":"eu","data":{"why":"x"}})");
  EXPECT_EQ(to_json(*events.next_after(1)),
            R"({"seq":2,"time":"2023-11-14T22:13:20.000Z","kind":"gateway_started","data":{}})");
  EXPECT_EQ(events.next_after(2), nullptr);
}

TEST(Events, KeepTheLastThousandsOfAKind) {
  const base::ManualClock clock;
  Events events(clock);
  for (size_t i = 0; i < Events::kKept + 10; ++i) events.add(EventKind::region_up, "eu", {}, json::object());
  EXPECT_EQ(events.last(), Events::kKept + 10);
  EXPECT_EQ(events.next_after(0)->seq, 11u);
  EXPECT_EQ(events.next_after(10)->seq, 11u);
  EXPECT_EQ(events.next_after(11)->seq, 12u);
  EXPECT_EQ(events.next_after(Events::kKept + 10), nullptr);
}

TEST(Events, ManyOfOneKindPushOutNoneOfAnother) {
  const base::ManualClock clock;
  Events events(clock);
  events.add(EventKind::override_set, "eu", {}, json::object());
  events.add(EventKind::region_down, "eu", {}, json::object());
  for (size_t i = 0; i < 4400; ++i) events.add(EventKind::admin_denied);
  events.add(EventKind::admin_change);
  for (size_t i = 0; i < 4400; ++i) events.add(EventKind::endpoint_down, "eu", {}, json::object());
  std::vector<uint64_t> changes;
  uint64_t before = 0, denials = 0;
  for (const Event* event = nullptr; (event = events.next_after(before)) != nullptr; before = event->seq) {
    ASSERT_GT(event->seq, before) << "in order, each once";
    if (event->kind == EventKind::override_set || event->kind == EventKind::admin_change) changes.push_back(event->seq);
    denials += event->kind == EventKind::admin_denied ? 1 : 0;
  }
  EXPECT_EQ(changes, (std::vector<uint64_t>{1, 4403}));
  EXPECT_EQ(denials, Events::kKeptDenials);
  EXPECT_EQ(before, events.last()) << "the last of all is always there";
}

TEST(Events, ANumberOfAnotherProcessStartsAtTheBeginning) {
  const base::ManualClock clock;
  Events events(clock);
  events.add(EventKind::region_up, "eu", {}, json::object());
  ASSERT_NE(events.next_after(700), nullptr);
  EXPECT_EQ(events.next_after(700)->seq, 1u);
}

TEST(Events, LongOrBrokenDataDoesNotGetIn) {
  const base::ManualClock clock;
  Events events(clock);
  events.add(EventKind::admin_change, {}, {}, {{"after", std::string(Events::kMostData, 'x')}});
  EXPECT_EQ(events.next_after(0)->data, R"({"truncated":true})");
  events.add(EventKind::admin_change, "e\n\"u", {}, {{"why", "\xff"}});
  EXPECT_EQ(json::parse(to_json(*events.next_after(1)))["region"], "e\n\"u");
}

TEST(Events, WatchersAreToldOfEachUntilTheyLeave) {
  struct Counting final : Events::Watcher {
    void on_event() noexcept override { ++told; }
    int told = 0;
  };
  const base::ManualClock clock;
  Events events(clock);
  Counting first;
  events.watch(first);
  {
    Counting second;
    events.watch(second);
    events.add(EventKind::drain_begun);
    EXPECT_EQ(second.told, 1);
  }
  events.add(EventKind::drain_begun);
  EXPECT_EQ(first.told, 2);
  first.unlink();
  events.add(EventKind::drain_begun);
  EXPECT_EQ(first.told, 2);
}

TEST(Events, EachKindHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < static_cast<size_t>(EventKind::kCount); ++i)
    EXPECT_TRUE(names.insert(name(static_cast<EventKind>(i))).second);
  EXPECT_EQ(name(EventKind::admin_denied), "admin_denied");
}

}  // namespace
}  // namespace rhumb::admin
