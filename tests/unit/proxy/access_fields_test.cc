// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_fields.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace rhumb::proxy {
namespace {

TEST(AccessFields, EachHasItsOwnNameAndIsFoundByIt) {
  const auto names = access_field_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  for (const std::string_view name : names) {
    ASSERT_NE(find_access_field(name), nullptr);
    EXPECT_EQ(find_access_field(name)->name, name);
  }
  EXPECT_EQ(find_access_field("nothing"), nullptr);
}

TEST(AccessFields, TimesAreWrittenToTheMillisecond) {
  char text[24];
  const auto at = [&](int64_t millis) { return format_time(base::WallTime(base::Millis(millis)), text); };
  EXPECT_EQ(at(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(at(1'709'164'799'999), "2024-02-28T23:59:59.999Z");
  EXPECT_EQ(at(1'709'164'800'000), "2024-02-29T00:00:00.000Z");
}

class Header : public ::testing::Test {
 protected:
  Header() { fields_.init(arena_, 8); }
  std::string value(const std::string& name, bool query = false) {
    return std::string(LoggedHeader(name).value(fields_, {query, SecretParameters({"token"}), false}, room_));
  }
  base::BlockPool blocks_{4};
  base::Arena arena_{blocks_};
  http::Headers fields_;
  char room_[64];
};

TEST_F(Header, IsFoundByAnyNameAndIsEmptyWithout) {
  fields_.add("User-Agent", "curl");
  fields_.add("X-Mine", "1");
  EXPECT_EQ(value("user-agent"), "curl");
  EXPECT_EQ(value("x-mine"), "1");
  EXPECT_EQ(value("x-other"), "");
}

TEST_F(Header, OfAPageHasAQueryOnlyWhereQueriesAreLogged) {
  fields_.add("Referer", "https://a/b?c=d&token=e#f?g");
  EXPECT_EQ(value("referer"), "https://a/b");
  EXPECT_EQ(value("referer", true), "https://a/b?c=d&token=REDACTED");
  fields_.set("Referer", "https://a/#token=secret?x=1");
  EXPECT_EQ(value("referer", true), "https://a/");
}

TEST_F(Header, LongerThanItsRoomIsCutWithoutASecretLeft) {
  const std::string page = "https://" + std::string(70, 'a');
  fields_.add("Referer", arena_.copy(page + "?token=secret"));
  EXPECT_EQ(value("referer", true), page);
}

}  // namespace
}  // namespace rhumb::proxy
