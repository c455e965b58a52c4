// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "http_testing.h"

namespace rhumb::http {
namespace {

class CookieTest : public ::testing::Test {
 protected:
  void SetUp() override { headers_.init(memory_.arena, 4); }
  std::string listed() {
    std::string out;
    CookieReader reader(headers_);
    while (const auto cookie = reader.next()) out += std::string(cookie->name) + "=" + std::string(cookie->value) + "|";
    return out;
  }
  testing::Memory memory_;
  Headers headers_;
};

TEST_F(CookieTest, ReadsAllFieldsInOrder) {
  headers_.add("Cookie", "a=1; b=2"), headers_.add("X", "c=3"), headers_.add("cookie", "d=4;e=5");
  EXPECT_EQ(listed(), "a=1|b=2|d=4|e=5|");
}

TEST_F(CookieTest, PassesOverWhatIsNoPair) {
  headers_.add("Cookie", ";; a ; =x; b=1;; c = 2 ;d=;"), headers_.add("Cookie", ""), headers_.add("Cookie", " ; ");
  EXPECT_EQ(listed(), "b=1|c=2|d=|");
}

TEST_F(CookieTest, TakesQuotesOff) {
  headers_.add("Cookie", "a=\"1\"; b=\"; c=\"\"; d=x=y");
  EXPECT_EQ(listed(), "a=1|b=\"|c=|d=x=y|");
}

/// As one would say it: parts between semicolons, with a name before the first '='.
std::string listed_naively(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view part = base::take_until(text, ';');
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || base::trim(part.substr(0, equals)).empty()) continue;
    std::string_view value = base::trim(part.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    out += std::string(base::trim(part.substr(0, equals))) + "=" + std::string(value) + "|";
  }
  return out;
}

TEST_F(CookieTest, ReadsAnyTextAsTheNaiveRuleDoes) {
  base::Random random(11);
  constexpr std::string_view kBytes = ";;;== \t\"ab";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t size = random.below(14); text.size() < size;) text += kBytes[random.below(kBytes.size())];
    const testing::Exact exact(text);
    headers_.clear();
    headers_.add("Cookie", exact);
    ASSERT_EQ(listed(), listed_naively(text)) << text;
  }
}

TEST_F(CookieTest, NoCookieFieldNoCookie) { EXPECT_EQ(listed(), ""); }

TEST_F(CookieTest, S10_FindsTheFirstOfANameWithItsCase) {
  headers_.add("Cookie", "rhumb2=x; Rhumb=y; rhumb=1"), headers_.add("Cookie", "rhumb=2; empty=");
  EXPECT_EQ(find_cookie(headers_, "rhumb"), "1");
  EXPECT_EQ(find_cookie(headers_, "RHUMB").data(), nullptr);
  EXPECT_EQ(find_cookie(headers_, "empty"), "");
  EXPECT_NE(find_cookie(headers_, "empty").data(), nullptr) << "there, but empty";
}

TEST_F(CookieTest, ARemovedFieldIsNotRead) {
  headers_.add("Cookie", "a=1");
  headers_.remove(FieldId::cookie);
  EXPECT_EQ(listed(), "");
}

std::string written(const CookieAttributes& attributes) {
  char room[256];
  Writer to(room, sizeof room);
  write_set_cookie(to, "rhumb", "token", attributes);
  return std::string(to.view());
}

TEST(SetCookieTest, HasSafeDefaults) {
  EXPECT_EQ(written({}), "Set-Cookie: rhumb=token; Path=/; HttpOnly; SameSite=Lax\r\n");
}

TEST(SetCookieTest, WritesEveryAttribute) {
  CookieAttributes all{"/app", "shop.example", 1800, true, true, SameSite::none};
  EXPECT_EQ(
      written(all),
      "Set-Cookie: rhumb=token; Path=/app; Domain=shop.example; Max-Age=1800; HttpOnly; Secure; SameSite=None\r\n");
  all.same_site = SameSite::strict, all.max_age = 0;
  EXPECT_NE(written(all).find("Max-Age=0; HttpOnly; Secure; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(written({"", "", std::nullopt, false, false, SameSite::unset}), "Set-Cookie: rhumb=token\r\n");
}

TEST(SetCookieTest, ValidMeansNothingCanBreakOut) {
  EXPECT_TRUE(valid_cookie("a", "b", {}));
  EXPECT_TRUE(valid_cookie("a", "", {}));
  for (std::string_view name : {"", "a b", "a=b", "a;b", "a\r\n"}) EXPECT_FALSE(valid_cookie(name, "v", {})) << name;
  for (std::string_view value : {"a b", "a;b", "a,b", "a\"b", "a\\b", "a\r\nX: y", "caf\xe9"})
    EXPECT_FALSE(valid_cookie("n", value, {})) << value;
  CookieAttributes bad;
  bad.path = "/;x";
  EXPECT_FALSE(valid_cookie("n", "v", bad));
  bad.path = "/", bad.domain = "a\r\nb";
  EXPECT_FALSE(valid_cookie("n", "v", bad));
}

}  // namespace
}  // namespace rhumb::http
