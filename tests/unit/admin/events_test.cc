// SPDX-License-Identifier: Apache-2.0
#include "admin/events.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

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
  EXPECT_EQ(events.missed_after(0), 0u);
}

TEST(Events, KeepTheLastThousandsAndCountWhatALateReaderMissed) {
  const base::ManualClock clock;
  Events events(clock);
  for (size_t i = 0; i < Events::kKept + 10; ++i) events.add(EventKind::region_up, "eu", {}, json::object());
  EXPECT_EQ(events.last(), Events::kKept + 10);
  EXPECT_EQ(events.missed_after(0), 10u);
  EXPECT_EQ(events.missed_after(4), 6u);
  EXPECT_EQ(events.missed_after(10), 0u);
  EXPECT_EQ(events.next_after(0)->seq, 11u);
  EXPECT_EQ(events.next_after(10)->seq, 11u);
  EXPECT_EQ(events.next_after(11)->seq, 12u);
  EXPECT_EQ(events.next_after(Events::kKept + 10), nullptr);
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
