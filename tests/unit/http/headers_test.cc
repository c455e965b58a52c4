// SPDX-License-Identifier: Apache-2.0
#include "http/headers.h"

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include <memory>
#include <set>
#include <string>

#include "http_testing.h"

namespace rhumb::http {
namespace {

std::string changed(std::string_view name, char (*change)(char)) {
  std::string out(name);
  for (char& c : out) c = change(c);
  return out;
}

class HeadersTest : public ::testing::Test {
 protected:
  void SetUp() override { headers_.init(memory_.arena, 4); }
  std::string listed() const {
    std::string out;
    for (const Field& f : headers_.all())
      if (f.id != FieldId::removed) out += std::string(f.name) + "=" + std::string(f.value) + ";";
    return out;
  }
  testing::Memory memory_;
  Headers headers_;
};

TEST(FieldIdTest, KnowsEveryNameInAnyCase) {
  for (unsigned i = 2; i < static_cast<unsigned>(FieldId::kCount); ++i) {
    const FieldId id = static_cast<FieldId>(i);
    const std::string_view name = field_name(id);
    ASSERT_FALSE(name.empty()) << i;
    EXPECT_EQ(field_id(name), id) << name;
    EXPECT_EQ(field_id(changed(name, base::to_lower)), id) << name;
    EXPECT_EQ(field_id(changed(name, [](char c) { return base::is_alpha(c) ? static_cast<char>(c & ~0x20) : c; })), id);
  }
}

TEST(FieldIdTest, IsOtherForNearMisses) {
  for (unsigned i = 2; i < static_cast<unsigned>(FieldId::kCount); ++i) {
    const std::string name(field_name(static_cast<FieldId>(i)));
    for (size_t at = 0; at < name.size(); ++at) {
      for (char flip : {'\x01', '\x40', '\x80'}) {
        std::string other = name;
        other[at] = static_cast<char>(other[at] ^ flip);
        EXPECT_NE(field_id(other), static_cast<FieldId>(i)) << other;
      }
      // '-' and digits have a neighbour that differs in the bit that tells cases apart.
      if (base::is_alpha(name[at])) continue;
      std::string other = name;
      other[at] = static_cast<char>(other[at] ^ 0x20);
      EXPECT_EQ(field_id(other), FieldId::other) << other;
    }
    EXPECT_EQ(field_id(name + "s"), FieldId::other);
    EXPECT_EQ(field_id(name.substr(1)), FieldId::other) << name;
  }
  EXPECT_EQ(field_id(""), FieldId::other);
  EXPECT_EQ(field_id("x"), FieldId::other);
}

TEST(FieldIdTest, HasNoNameForOtherAndRemoved) {
  EXPECT_EQ(field_name(FieldId::other), "");
  EXPECT_EQ(field_name(FieldId::removed), "");
}

TEST_F(HeadersTest, KeepsOrderAndRepeats) {
  headers_.add("b", "1"), headers_.add("A", "2"), headers_.add("B", "3");
  EXPECT_EQ(listed(), "b=1;A=2;B=3;");
  EXPECT_EQ(headers_.get("B"), "1");
}

TEST_F(HeadersTest, FindsByIdAndByNameCaseBlind) {
  headers_.add("hOST", "a"), headers_.add("X-Own", "b");
  EXPECT_EQ(headers_.get(FieldId::host), "a");
  EXPECT_EQ(headers_.get("HOST"), "a");
  EXPECT_EQ(headers_.get("x-own"), "b");
  EXPECT_EQ(headers_.find("x-ow"), nullptr);
  EXPECT_EQ(headers_.find(FieldId::cookie), nullptr);
  EXPECT_EQ(headers_.get("nothing").data(), nullptr);
}

TEST_F(HeadersTest, SetReplacesEveryFieldOfTheName) {
  headers_.add("via", "1"), headers_.add("x", "2"), headers_.add("VIA", "3");
  headers_.set("Via", "4");
  EXPECT_EQ(listed(), "x=2;Via=4;");
  headers_.set("X", "5");
  EXPECT_EQ(listed(), "Via=4;X=5;");
}

TEST_F(HeadersTest, RemoveLeavesHolesAndCounts) {
  headers_.add("a", "1"), headers_.add("Cookie", "2"), headers_.add("cookie", "3");
  EXPECT_EQ(headers_.remove(FieldId::cookie), 2u);
  EXPECT_EQ(headers_.remove(FieldId::cookie), 0u);
  EXPECT_EQ(headers_.all().size(), 3u);
  EXPECT_EQ(headers_.count(FieldId::cookie), 0u);
  EXPECT_FALSE(headers_.has(FieldId::cookie));
  EXPECT_EQ(headers_.remove("A"), 1u);
  EXPECT_EQ(headers_.find("a"), nullptr);
  EXPECT_EQ(listed(), "");
}

TEST_F(HeadersTest, RemoveOfOtherOrRemovedByIdDoesNothing) {
  headers_.add("a", "1");
  EXPECT_EQ(headers_.remove(FieldId::other), 0u);
  EXPECT_EQ(headers_.remove(FieldId::removed), 0u);
  EXPECT_EQ(listed(), "a=1;");
}

TEST_F(HeadersTest, RefusesMoreThanItHasRoomForButCanStillReplace) {
  size_t added = 0;
  headers_.add("Date", "old");
  while (headers_.add("x", "y")) ++added;
  EXPECT_EQ(added, 4 + Headers::kSpare - 1);
  EXPECT_FALSE(headers_.add(FieldId::host, "a"));
  EXPECT_FALSE(headers_.has(FieldId::host));
  EXPECT_TRUE(headers_.set(FieldId::date, "new"));
  EXPECT_EQ(headers_.get(FieldId::date), "new");
  EXPECT_EQ(headers_.count(FieldId::date), 1u);
  EXPECT_FALSE(headers_.set(FieldId::host, "a"));
}

TEST_F(HeadersTest, InitForgets) {
  headers_.add("Host", "a");
  headers_.init(memory_.arena, 1);
  EXPECT_TRUE(headers_.all().empty());
  EXPECT_EQ(headers_.find(FieldId::host), nullptr);
}

TEST_F(HeadersTest, CountsByNameInAnySpelling) {
  headers_.add("X-A", "1"), headers_.add("x-a", "2"), headers_.add("Cookie", "3");
  EXPECT_EQ(headers_.count("x-A"), 2u);
  EXPECT_EQ(headers_.count("cookie"), 1u);
  EXPECT_EQ(headers_.count("x-b"), 0u);
}

TEST_F(HeadersTest, NamesInAnySpellingHaveOneHash) {
  const std::string text = "X-Some-Name-That-Is-Long", lower = "x-some-name-that-is-long";
  std::set<uint32_t> hashes;
  for (size_t size = 1; size <= text.size(); ++size) {
    EXPECT_EQ(name_hash(text.substr(0, size)), name_hash(lower.substr(0, size)));
    hashes.insert(name_hash(text.substr(0, size)));
    for (size_t at = 0; at < size; ++at) {  // every byte counts
      std::string other = lower.substr(0, size);
      other[at] = '!';
      EXPECT_NE(name_hash(other), name_hash(lower.substr(0, size))) << other;
    }
  }
  EXPECT_EQ(hashes.size(), text.size());
}

TEST_F(HeadersTest, EveryWayToPutAFieldThereLetsItBeFound) {
  headers_.add("X-A", "1"), headers_.set("X-B", "2"), headers_.add("Date", "3"), headers_.add("X-C", "4");
  headers_.replace_at(3, FieldId::other, "X-D", "5");
  while (headers_.add("Via", "y")) {
  }
  headers_.remove("X-A");
  headers_.add("X-E", "no room");
  EXPECT_TRUE(headers_.set("X-B", "6")) << "into the hole it left";
  EXPECT_EQ(headers_.get("x-b"), "6");
  EXPECT_EQ(headers_.get("x-d"), "5");
  EXPECT_EQ(headers_.find("x-c"), nullptr);
}

/// The first look-up reads each name once. Later ones read no name but their own, whatever the lengths: here the others
/// cannot be read.
TEST_F(HeadersTest, S29_ALookUpReadsNoNameButItsOwn) {
  const size_t size = 300;
  std::string names;
  for (int i = 0; i < 3; ++i) names += std::string(size - 1, 'a') + std::to_string(i);
  const auto bytes = std::make_unique<char[]>(names.size());
  names.copy(bytes.get(), names.size());
  for (size_t i = 0; i < 3; ++i) headers_.add({bytes.get() + i * size, size}, "v");
  EXPECT_EQ(headers_.find("x-first"), nullptr);
  ASAN_POISON_MEMORY_REGION(bytes.get(), size);
  ASAN_POISON_MEMORY_REGION(bytes.get() + 2 * size, size);
  const std::string wanted = std::string(size - 1, 'A') + "1", none = std::string(size - 1, 'a') + "9";
  EXPECT_EQ(headers_.get(wanted), "v");
  EXPECT_EQ(headers_.count(wanted), 1u);
  EXPECT_EQ(headers_.find(none), nullptr);
  EXPECT_EQ(headers_.remove(none), 0u);
  ASAN_UNPOISON_MEMORY_REGION(bytes.get(), names.size());
}

TEST_F(HeadersTest, FindsTokensInAnyFieldOfTheName) {
  headers_.add("Connection", "close , Keep-Alive"), headers_.add("connection", ",,\tUPGRADE");
  EXPECT_TRUE(headers_.has_token(FieldId::connection, "close"));
  EXPECT_TRUE(headers_.has_token(FieldId::connection, "keep-alive"));
  EXPECT_TRUE(headers_.has_token(FieldId::connection, "Upgrade"));
  EXPECT_FALSE(headers_.has_token(FieldId::connection, "clos"));
  EXPECT_FALSE(headers_.has_token(FieldId::connection, "keep"));
  EXPECT_FALSE(headers_.has_token(FieldId::te, "close"));
}

}  // namespace
}  // namespace rhumb::http
