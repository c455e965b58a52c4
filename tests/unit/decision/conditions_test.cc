// SPDX-License-Identifier: Apache-2.0
#include "decision/conditions.h"

#include <gtest/gtest.h>

#include "http/h1_parser.h"
#include "tests/unit/decision/allocations.h"

namespace rhumb::decision {
namespace {

/// A request as it was received, and what holds of it.
class Held {
 public:
  Held(const Conditions& conditions, const std::string& target, const std::string& fields)
      : text_("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"), answers(conditions, head_, arena_) {
    const auto parsed = http::RequestParser({64 * 1024, 64 * 1024, 1000}).feed(text_, arena_, head_);
    EXPECT_EQ(parsed.status, http::ParseStatus::done) << parsed.fault.detail;
  }

 private:
  base::BlockPool blocks_;
  base::Arena arena_{blocks_};
  std::string text_;
  http::RequestHead head_;

 public:
  Answers answers;
};

std::string times(size_t count, const std::string& text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Conditions, TheSameConditionIsThereOnce) {
  Conditions conditions;
  const Wanted first = conditions.add(Asked::cookie, "a", "1");
  EXPECT_EQ(conditions.add(Asked::cookie, "a", "1").number, first.number);
  EXPECT_NE(conditions.add(Asked::cookie, "a", "2").number, first.number);
  EXPECT_NE(conditions.add(Asked::cookie, "a", "*").number, first.number);
  EXPECT_NE(conditions.add(Asked::query, "a", "1").number, first.number);
  EXPECT_EQ(conditions.add(Asked::header, "user-agent", "x").number,
            conditions.add(Asked::header, "User-Agent", "x").number);
}

TEST(Conditions, OfSeveralFieldsAnyMayHaveTheValue) {
  Conditions conditions;
  const Wanted one = conditions.add(Asked::header, "x-a", "1"), two = conditions.add(Asked::header, "x-a", "2"),
               three = conditions.add(Asked::header, "x-a", "3"), there = conditions.add(Asked::header, "x-a", "*"),
               known = conditions.add(Asked::header, "accept", "2"), none = conditions.add(Asked::header, "x-b", "*");
  Held held(conditions, "/", "X-A: 1\r\nx-a: 2\r\nAccept: 1\r\nAccept: 2\r\n");
  for (const Wanted wanted : {one, two, there, known}) EXPECT_TRUE(held.answers.holds(wanted)) << wanted.number;
  for (const Wanted wanted : {three, none}) EXPECT_FALSE(held.answers.holds(wanted)) << wanted.number;
}

TEST(Conditions, S10_OfSeveralParametersOrCookiesTheFirstCounts) {
  Conditions conditions;
  const Wanted q1 = conditions.add(Asked::query, "q", "1"), q2 = conditions.add(Asked::query, "q", "2"),
               c1 = conditions.add(Asked::cookie, "c", "1"), c2 = conditions.add(Asked::cookie, "c", "2");
  Held held(conditions, "/?q=1&q=2", "Cookie: c=1; c=2\r\nCookie: c=2\r\n");
  EXPECT_TRUE(held.answers.holds(q1));
  EXPECT_FALSE(held.answers.holds(q2));
  EXPECT_TRUE(held.answers.holds(c1));
  EXPECT_FALSE(held.answers.holds(c2));
}

TEST(Conditions, AValueIsTheFirstOfItsName) {
  Conditions conditions;
  const Wanted cookie = conditions.add_value(Asked::cookie, "c"), field = conditions.add_value(Asked::header, "x-a"),
               none = conditions.add_value(Asked::header, "x-b"), empty = conditions.add_value(Asked::cookie, "e");
  Held held(conditions, "/", "X-A: 1\r\nX-A: 2\r\nCookie: c=3; c=4; e=\r\n");
  EXPECT_EQ(held.answers.value(cookie).text, "3");
  EXPECT_EQ(held.answers.value(field).text, "1");
  EXPECT_EQ(held.answers.value(none).text.data(), nullptr);
  EXPECT_EQ(held.answers.value(empty).text, "");
  EXPECT_NE(held.answers.value(empty).text.data(), nullptr);
}

TEST(Conditions, S29_NoMoreThanSoManyValuesAreKept) {
  Conditions conditions;
  std::vector<Wanted> wanted;
  std::string fields;
  for (size_t i = 0; i <= Answers::kMaxValues; ++i) {
    wanted.push_back(conditions.add_value(Asked::header, "x-" + std::to_string(i)));
    fields += "X-" + std::to_string(i) + ": v\r\n";
  }
  const Wanted there = conditions.add(Asked::header, "x-64", "v");
  Held held(conditions, "/", fields);
  EXPECT_EQ(held.answers.value(wanted[Answers::kMaxValues - 1]).text, "v");
  EXPECT_EQ(held.answers.value(wanted[Answers::kMaxValues]).text.data(), nullptr);
  EXPECT_TRUE(held.answers.holds(there)) << "what holds needs no room";
}

TEST(Conditions, ALongValueHasADigestAndAShortOneNeedsNone) {
  Conditions conditions;
  const Wanted wanted = conditions.add_value(Asked::cookie, "c");
  const std::string text(Answers::kLongValue, 'x');
  EXPECT_EQ(Held(conditions, "/", "Cookie: c=" + text + "\r\n").answers.value(wanted).digest, 0u);
  EXPECT_EQ(Held(conditions, "/", "Cookie: c=" + text + "x\r\n").answers.value(wanted).digest,
            base::hash64(text + "x", 0));
}

/// However many conditions there are, and whatever the head is made of: each part of it is looked up once at most.
TEST(Conditions, S29_AHostileHeadIsLookedUpOnceWhateverTheNumberOfConditions) {
  struct Hostile {
    Asked of;
    std::string target, fields;
    size_t parts;
  };
  const std::string longest(300, 'a');
  std::string long_names;
  for (int i = 1000; i < 1090; ++i) long_names += longest + std::to_string(i) + ": 1\r\n";
  const std::vector<Hostile> heads = {
      {Asked::cookie, "/", "Cookie: " + times(31'000, ";") + "\r\n", 0},
      {Asked::cookie, "/", "Cookie: " + times(10'000, "a=;") + "\r\n", 10'000},
      {Asked::cookie, "/", times(90, "Cookie: ;a=;;a=\r\n"), 180},
      {Asked::query, "/?" + times(8000, "&"), "", 0},
      {Asked::query, "/?" + times(4000, "a&"), "", 4000},
      {Asked::query, "/?" + times(4000, "=&"), "", 4000},
      {Asked::header, "/", long_names, 91},
  };
  for (const Hostile& head : heads) {
    for (const int count : {1, 10, 1000}) {
      Conditions conditions;
      std::vector<Wanted> wanted;
      for (int i = 0; i < count; ++i) wanted.push_back(conditions.add(head.of, longest + std::to_string(i), "1"));
      Held held(conditions, head.target, head.fields);
      for (int again = 0; again < 3; ++again)
        for (const Wanted one : wanted) EXPECT_FALSE(held.answers.holds(one));
      EXPECT_EQ(held.answers.looked_up(), head.parts) << count << " " << head.fields.substr(0, 20);
    }
  }
}

TEST(Conditions, ReadingEndsWhenAllNamesWereSeen) {
  Conditions conditions;
  const Wanted a = conditions.add(Asked::cookie, "a", "*"), b = conditions.add(Asked::cookie, "b", "2");
  Held held(conditions, "/", "Cookie: a=1; b=2; " + times(1000, "c=3; ") + "\r\n");
  EXPECT_TRUE(held.answers.holds(a));
  EXPECT_TRUE(held.answers.holds(b));
  EXPECT_EQ(held.answers.looked_up(), 2u);
}

TEST(Conditions, WhatIsNotAskedIsNotRead) {
  Conditions conditions;
  const Wanted field = conditions.add(Asked::header, "host", "h");
  conditions.add(Asked::cookie, "a", "*");
  conditions.add(Asked::query, "a", "*");
  Held held(conditions, "/?" + times(1000, "x&"), "Cookie: " + times(1000, "x=;") + "\r\n");
  EXPECT_TRUE(held.answers.holds(field));
  EXPECT_EQ(held.answers.looked_up(), 2u);
}

TEST(Conditions, AnsweringAllocatesNothing) {
  Conditions conditions;
  const Wanted a = conditions.add(Asked::cookie, "a-name-that-is-too-long-for-a-short-string", "and-so-is-its-value"),
               b = conditions.add_value(Asked::query, "a-parameter-that-is-too-long-for-a-short-string");
  Held held(conditions, "/?x=1&a-parameter-that-is-too-long-for-a-short-string=2",
            "Cookie: a-name-that-is-too-long-for-a-short-string=and-so-is-its-value\r\n");
  const uint64_t before = allocations();
  EXPECT_TRUE(held.answers.holds(a));
  EXPECT_EQ(held.answers.value(b).text, "2");
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace rhumb::decision
