// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rhumb::base {
namespace {

struct Thing {
  std::string text;
};

TEST(SlotTable, FindsWhatIsLive) {
  SlotTable<Thing> table;
  ExchangeId a, b;
  table.take(a).text = "a";
  table.take(b).text = "b";
  ASSERT_NE(table.find(a), nullptr);
  EXPECT_EQ(table.find(a)->text, "a");
  EXPECT_EQ(table.find(b)->text, "b");
  EXPECT_EQ(table.live(), 2u);
}

TEST(SlotTable, FindsNothingForANameThatIsNone) {
  SlotTable<Thing> table;
  EXPECT_EQ(table.find(ExchangeId{}), nullptr);
  ExchangeId a;
  table.take(a);
  EXPECT_EQ(table.find(ExchangeId{}), nullptr);
  EXPECT_EQ(table.find(ExchangeId{a.index + 1, a.generation}), nullptr);
}

TEST(SlotTable, FindsNothingForAStaleNameEvenWhenItsSlotIsTakenAgain) {
  SlotTable<Thing> table;
  ExchangeId old, fresh;
  table.take(old);
  table.release(old);
  EXPECT_EQ(table.find(old), nullptr);
  table.take(fresh);
  ASSERT_EQ(fresh.index, old.index);
  EXPECT_NE(fresh, old);
  EXPECT_EQ(table.find(old), nullptr);
  EXPECT_NE(table.find(fresh), nullptr);
}

TEST(SlotTable, ReusesTheSlotReleasedLastWithItsObjectAsItWas) {
  SlotTable<Thing> table;
  ExchangeId a, b, again;
  table.take(a).text = "a";
  table.take(b).text = "b";
  table.release(a);
  table.release(b);
  EXPECT_EQ(table.take(again).text, "b");
  EXPECT_EQ(again.index, b.index);
}

TEST(SlotTable, NeverMovesAnObject) {
  SlotTable<Thing> table;
  ExchangeId first, other;
  const Thing* at = &table.take(first);
  for (int i = 0; i < 1000; ++i) table.take(other);
  EXPECT_EQ(table.find(first), at);
}

TEST(SlotTable, VisitsTheLiveOnesOnlyAndLetsTheVisitorTakeAndRelease) {
  SlotTable<Thing> table;
  ExchangeId ids[8];
  for (int i = 0; i < 8; ++i) table.take(ids[i]).text = std::to_string(i);
  table.release(ids[3]);
  std::set<std::string> seen;
  table.for_each([&](Thing& thing) {
    seen.insert(thing.text);
    if (thing.text == "5") table.release(ids[5]);
    ExchangeId extra;
    if (thing.text == "0")
      for (int i = 0; i < 100; ++i) table.take(extra).text = "extra";
  });
  seen.erase("extra");
  EXPECT_EQ(seen, (std::set<std::string>{"0", "1", "2", "4", "5", "6", "7"}));
  EXPECT_EQ(table.live(), 106u);
}

TEST(SlotTableDeathTest, DiesWhenSomethingIsReleasedTwice) {
  SlotTable<Thing> table;
  ExchangeId a;
  table.take(a);
  table.release(a);
  EXPECT_DEATH(table.release(a), "assertion failed");
}

}  // namespace
}  // namespace rhumb::base
