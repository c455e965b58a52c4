// SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include <gmock/gmock.h>

#include "config/codes.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<Refusal> check(const Field& field, const std::string& text, bool quoted = false) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.scalar = text;
  node.quoted = quoted;
  return check_scalar(field, field.type, node);
}

uint16_t refused(const Field& field, const std::string& text, bool quoted = false) {
  const auto refusal = check(field, text, quoted);
  return refusal ? refusal->code : 0;
}

TEST(Value, ReadsDecimals) {
  EXPECT_EQ(*read_integer("0"), 0);
  EXPECT_EQ(*read_integer("-99"), -99);
  EXPECT_EQ(*read_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(*read_number("53.25"), 53.25);
  EXPECT_EQ(*read_number("-0.5"), -0.5);
  EXPECT_EQ(*read_number("7"), 7.0);
}

TEST(Value, RefusesEveryOtherNotationOfNumbersAndSaysWhy) {
  const std::pair<const char*, const char*> cases[] = {{"010", "leading zero"}, {"1_000", "'_'"},
                                                       {"0x10", "decimal"},     {"0o17", "decimal"},
                                                       {"1e3", "exponent"},     {"+5", "'+'"}};
  for (const auto& [text, why] : cases) {
    ASSERT_FALSE(read_integer(text)) << text;
    EXPECT_EQ(read_integer(text).error().code, code::kInteger);
    EXPECT_THAT(read_integer(text).error().hint, HasSubstr(why));
    ASSERT_FALSE(read_number(text)) << text;
    EXPECT_THAT(read_number(text).error().hint, HasSubstr(why));
  }
  for (const char* text : {"", "-", "1.5", " 1", "1 ", "--1", "a", "\xd9\xa1", "1,000", "inf", "nan"})
    EXPECT_FALSE(read_integer(text)) << text;
  for (const char* text : {"", ".", ".5", "5.", "1.2.3", "nan", ".inf", "-inf", "1.5e3", "00.5"})
    EXPECT_FALSE(read_number(text)) << text;
}

TEST(Value, CallsNumbersThatDoNotFitTooLarge) {
  EXPECT_EQ(read_integer("9223372036854775808").error().code, code::kRange);
  EXPECT_EQ(read_number(std::string(400, '9')).error().code, code::kRange);
}

TEST(Value, KnowsTrueAndFalseOnly) {
  EXPECT_TRUE(*read_boolean("true"));
  EXPECT_FALSE(*read_boolean("false"));
  EXPECT_EQ(read_boolean("yes").error().hint, "write true");
  EXPECT_EQ(read_boolean("On").error().hint, "write true");
  EXPECT_EQ(read_boolean("off").error().hint, "write false");
  EXPECT_EQ(read_boolean("FALSE").error().hint, "write false");
  EXPECT_EQ(read_boolean("maybe").error().hint, "");
}

TEST(Value, DoesNotTakeQuotedTextForANumberOrBoolean) {
  EXPECT_EQ(refused({.type = Type::integer}, "1", true), code::kInteger);
  EXPECT_EQ(refused({.type = Type::number}, "1", true), code::kNumber);
  EXPECT_EQ(refused({.type = Type::boolean}, "true", true), code::kBoolean);
  EXPECT_EQ(refused({.type = Type::duration}, "1s", true), 0);
}

TEST(Value, DemandsUnits) {
  EXPECT_EQ(refused({.type = Type::duration}, "30"), code::kUnit);
  EXPECT_EQ(refused({.type = Type::size}, "30"), code::kUnit);
  EXPECT_EQ(refused({.type = Type::rate}, "30"), code::kUnit);
  EXPECT_EQ(refused({.type = Type::percent}, "30"), code::kUnit);
  EXPECT_THAT(check({.type = Type::duration}, "30")->message, HasSubstr("unit"));
  EXPECT_EQ(refused({.type = Type::duration}, "30s"), 0);
  EXPECT_EQ(refused({.type = Type::size}, "64KiB"), 0);
  EXPECT_EQ(refused({.type = Type::rate}, "10r/s"), 0);
  EXPECT_EQ(refused({.type = Type::percent}, "2%"), 0);
}

TEST(Value, HoldsLimitsInTheUnitOfTheField) {
  const Field seconds{.type = Type::duration, .min = 1, .max = 60};
  EXPECT_EQ(refused(seconds, "999ms"), code::kRange);
  EXPECT_EQ(refused(seconds, "1s"), 0);
  EXPECT_EQ(refused(seconds, "1m"), 0);
  EXPECT_EQ(refused(seconds, "61s"), code::kRange);
  const Field percent{.type = Type::percent, .min = 0, .max = 100};
  EXPECT_EQ(refused(percent, "100%"), 0);
  EXPECT_EQ(refused(percent, "101%"), code::kRange);
  EXPECT_EQ(check({.type = Type::integer, .min = 1, .max = 9}, "0")->message, "out of range; must be between 1 and 9");
  EXPECT_EQ(check({.type = Type::integer, .min = 1}, "0")->message, "out of range; must be at least 1");
  EXPECT_EQ(check({.type = Type::integer, .max = 9}, "10")->message, "out of range; must be at most 9");
}

TEST(Value, SuggestsAndListsTheWordsOfAnEnumeration) {
  const Field field{.type = Type::enumeration, .allowed = "least_conn round_robin random"};
  EXPECT_EQ(refused(field, "random"), 0);
  EXPECT_EQ(check(field, "leastconn")->hint, "did you mean 'least_conn'? allowed: least_conn, round_robin, random");
  EXPECT_EQ(check(field, "x")->hint, "allowed: least_conn, round_robin, random");
  EXPECT_EQ(check({.type = Type::enumeration, .allowed = "a1 b1 c1 d1 e1 f1 g1 h1 i1"}, "x")->hint,
            "allowed: a1, b1, c1, d1, e1, f1, g1, h1, ...");
}

TEST(Value, TakesAddressesWithPortsAndUnixPaths) {
  const Field field{.type = Type::address};
  for (const char* text : {"127.0.0.1:80", "[::1]:80", "0.0.0.0:0", "unix:/run/a.sock"})
    EXPECT_EQ(refused(field, text), 0) << text;
  for (const char* text : {"", "80", ":80", "127.0.0.1", "127.0.0.1:http", "localhost:80", "::1:80", "[::1]",
                           "1.2.3.4:65536", "unix:", "unix:a", "1.2.3.4:080", "01.2.3.4:80"}) {
    EXPECT_EQ(refused(field, text), code::kAddress) << text;
  }
  EXPECT_EQ(refused(field, "unix:/" + std::string(200, 'x')), code::kAddress);
}

TEST(Value, SaysWhatAnAddressLacks) {
  const Field field{.type = Type::address};
  EXPECT_THAT(check(field, "127.0.0.1")->hint, HasSubstr("127.0.0.1:8080"));
  EXPECT_THAT(check(field, "::1")->hint, HasSubstr("[::1]:8080"));
  EXPECT_THAT(check(field, "127.0.0.1:http")->hint, HasSubstr("services are not looked up"));
  EXPECT_THAT(check(field, "localhost:80")->hint, HasSubstr("names are not looked up"));
}

TEST(Value, TakesNetworksWithoutStrayBits) {
  const Field field{.type = Type::cidr};
  EXPECT_EQ(refused(field, "10.0.0.0/8"), 0);
  EXPECT_EQ(refused(field, "2001:db8::/32"), 0);
  EXPECT_EQ(refused(field, "192.0.2.1"), 0);
  EXPECT_THAT(check(field, "10.1.2.3/8")->hint, HasSubstr("did you mean 10.0.0.0/8?"));
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/", "x/8", "10.0.0.0/8/8"})
    EXPECT_EQ(refused(field, text), code::kCidr) << text;
}

TEST(Value, TakesCountriesAsTwoCapitals) {
  const Field field{.type = Type::country};
  EXPECT_EQ(refused(field, "NO"), 0);
  for (const char* text : {"", "D", "de", "DEU", "D1", "Germany", "UK", "ZZ"})
    EXPECT_EQ(refused(field, text), code::kCountry) << text;
}

TEST(Value, TakesTextsWithoutControlCharacters) {
  EXPECT_EQ(refused({.type = Type::string}, ""), 0);
  EXPECT_EQ(refused({.type = Type::string}, "gr\xc3\xbc\xc3\x9f"), 0);
  EXPECT_EQ(refused({.type = Type::string}, "a\r\nb: c"), code::kControlCharacter);
  EXPECT_EQ(refused({.type = Type::path}, ""), code::kEmpty);
}

TEST(Value, SplitsWordsOfTables) {
  EXPECT_THAT(words("a b"), ElementsAre("a", "b"));
  EXPECT_THAT(words("[127.0.0.1/32, ::1]"), ElementsAre("127.0.0.1/32", "::1"));
  EXPECT_THAT(words("[]"), ElementsAre());
}

TEST(Value, KnowsTokensAndNames) {
  EXPECT_TRUE(is_http_token("x-forwarded-for"));
  for (const char* text : {"", "a b", "a:", "a\"", "(a)", "\xc3\xbc"}) EXPECT_FALSE(is_http_token(text)) << text;
  EXPECT_TRUE(is_plain_name("eu-west_1.a"));
  EXPECT_TRUE(is_plain_name(std::string(64, 'a')));
  EXPECT_FALSE(is_plain_name(std::string(65, 'a')));
  for (const char* text : {"", "a b", "a/b", "a\"", "\xc3\xbc"}) EXPECT_FALSE(is_plain_name(text)) << text;
}

TEST(Rows, AKeyHasTheRowWithItsNameElseThatOfAnyKey) {
  constexpr Field kSome[] = {{.name = "a"}, {.name = kAnyKey}, {.name = "b"}};
  EXPECT_EQ(row_of(kSome, "a"), &kSome[0]);
  EXPECT_EQ(row_of(kSome, "b"), &kSome[2]);
  EXPECT_EQ(row_of(kSome, "c"), &kSome[1]);
  EXPECT_EQ(row_of(std::span(kSome).first(1), "c"), nullptr);
}

}  // namespace
}  // namespace rhumb::config
