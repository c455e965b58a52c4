// SPDX-License-Identifier: Apache-2.0
#include "base/intrusive.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace rhumb::base {
namespace {

struct Idle;
struct Busy;
struct Item : ListHook<Idle>, ListHook<Busy> {
  explicit Item(int n) : number(n) {}
  int number;
};
using IdleList = List<Item, Idle>;
using BusyList = List<Item, Busy>;

template <class L>
std::vector<int> numbers(L& list) {
  std::vector<int> out;
  list.for_each([&](Item& item) { out.push_back(item.number); });
  return out;
}

TEST(List, KeepsTheOrderOfPushing) {
  Item a(1), b(2), c(3);
  IdleList list;
  EXPECT_TRUE(list.empty());
  list.push_back(b);
  list.push_back(c);
  list.push_front(a);
  EXPECT_EQ(numbers(list), (std::vector{1, 2, 3}));
  EXPECT_EQ(list.front().number, 1);
  EXPECT_EQ(list.back().number, 3);
}

TEST(List, PopsFromTheFront) {
  Item a(1), b(2);
  IdleList list;
  list.push_back(a);
  list.push_back(b);
  EXPECT_EQ(&list.pop_front(), &a);
  EXPECT_FALSE(a.ListHook<Idle>::linked());
  EXPECT_EQ(&list.pop_front(), &b);
  EXPECT_TRUE(list.empty());
}

TEST(List, HoldsAnObjectInTwoListsAtOnce) {
  Item a(1), b(2);
  IdleList idle;
  BusyList busy;
  idle.push_back(a);
  idle.push_back(b);
  busy.push_back(b);
  busy.push_back(a);
  a.ListHook<Idle>::unlink();
  EXPECT_EQ(numbers(idle), (std::vector{2}));
  EXPECT_EQ(numbers(busy), (std::vector{2, 1}));
}

TEST(List, ForgetsAnObjectThatDies) {
  Item a(1), c(3);
  IdleList list;
  list.push_back(a);
  {
    Item b(2);
    list.push_back(b);
    list.push_back(c);
  }
  EXPECT_EQ(numbers(list), (std::vector{1, 3}));
}

TEST(List, LetsTheVisitedObjectDestroyItself) {
  std::vector<std::unique_ptr<Item>> items;
  IdleList list;
  for (int i = 0; i < 6; ++i) list.push_back(*items.emplace_back(std::make_unique<Item>(i)));
  list.for_each([&](Item& item) {
    if (item.number % 2 == 0) items[static_cast<size_t>(item.number)].reset();
  });
  EXPECT_EQ(numbers(list), (std::vector{1, 3, 5}));
}

TEST(List, LeavesItsObjectsUnlinkedWhenItDies) {
  Item a(1);
  {
    IdleList list;
    list.push_back(a);
    EXPECT_TRUE(a.ListHook<Idle>::linked());
  }
  EXPECT_FALSE(a.ListHook<Idle>::linked());
}

TEST(ListHook, MayBeUnlinkedTwiceAndLinkedAgain) {
  Item a(1);
  IdleList list;
  list.push_back(a);
  a.ListHook<Idle>::unlink();
  a.ListHook<Idle>::unlink();
  list.push_back(a);
  EXPECT_EQ(numbers(list), (std::vector{1}));
}

TEST(ListDeathTest, DiesWhenAnObjectIsLinkedTwiceOrAnEmptyListIsRead) {
  Item a(1);
  IdleList list, other;
  EXPECT_DEATH(list.pop_front(), "assertion failed");
  EXPECT_DEATH(list.back(), "assertion failed");
  list.push_back(a);
  EXPECT_DEATH(other.push_back(a), "assertion failed");
}

}  // namespace
}  // namespace rhumb::base
