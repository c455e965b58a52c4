// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace rhumb::base {
namespace {

enum class Trouble { small, big };

Result<int, Trouble> half(int n) {
  if (n % 2 != 0) return Unexpected(Trouble::small);
  return n / 2;
}

TEST(Result, HoldsAValue) {
  const auto r = half(8);
  ASSERT_TRUE(r);
  EXPECT_TRUE(r.has_value());
  EXPECT_EQ(*r, 4);
  EXPECT_EQ(r.value(), 4);
}

TEST(Result, HoldsAnError) {
  const auto r = half(7);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error(), Trouble::small);
}

TEST(Result, TellsValueAndErrorOfTheSameTypeApart) {
  const Result<std::string, std::string> good(std::string("yes"));
  const Result<std::string, std::string> bad(Unexpected(std::string("no")));
  EXPECT_EQ(*good, "yes");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), "no");
}

TEST(Result, MovesAMoveOnlyValueOut) {
  Result<std::unique_ptr<int>, Trouble> r(std::make_unique<int>(3));
  EXPECT_EQ(**r, 3);
  const std::unique_ptr<int> out = std::move(r).value();
  EXPECT_EQ(*out, 3);
}

TEST(Result, MovesTheErrorOut) {
  Result<int, std::string> r(Unexpected(std::string(64, 'x')));
  const std::string out = std::move(r).error();
  EXPECT_EQ(out, std::string(64, 'x'));
}

TEST(Result, ConvertsTheErrorOnTheWayIn) {
  const Result<int, std::string> r = Unexpected("a literal");
  EXPECT_EQ(r.error(), "a literal");
}

TEST(Result, CanBeChangedThroughTheArrow) {
  Result<std::string, Trouble> r(std::string("a"));
  r->push_back('b');
  *r += 'c';
  EXPECT_EQ(r.value(), "abc");
}

TEST(Result, GivesTheOtherValueOnlyForAnError) {
  EXPECT_EQ(half(8).value_or(-1), 4);
  EXPECT_EQ(half(7).value_or(-1), -1);
}

TEST(Result, OfVoidIsGoodUnlessToldOtherwise) {
  const Result<void, Trouble> good;
  const Result<void, Trouble> bad = Unexpected(Trouble::big);
  EXPECT_TRUE(good);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error(), Trouble::big);
}

TEST(ResultDeathTest, DiesWhenTheWrongSideIsRead) {
  auto good = half(8);
  auto bad = half(7);
  const Result<void, Trouble> nothing;
  EXPECT_DEATH(static_cast<void>(good.error()), "assertion failed");
  EXPECT_DEATH(static_cast<void>(bad.value()), "assertion failed");
  EXPECT_DEATH(static_cast<void>(*bad), "assertion failed");
  EXPECT_DEATH(static_cast<void>(nothing.error()), "assertion failed");
}

}  // namespace
}  // namespace rhumb::base
