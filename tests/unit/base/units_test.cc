// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace rhumb::base {
namespace {

TEST(Duration, ReadsEveryUnitExactly) {
  const struct {
    const char* text;
    int64_t micros;
  } cases[] = {
      {"0s", 0},
      {"1us", 1},
      {"250ms", 250'000},
      {"5s", 5'000'000},
      {"2m", 120'000'000},
      {"1h30m", 5'400'000'000},
      {"7d", 604'800'000'000},
      {"1d2h3m4s5ms6us", 93'784'005'006},
      {"1.5s", 1'500'000},
      {"0.1ms", 100},
      {"1.1ms", 1'100},
      {"0.000001s", 1},
      {"007s", 7'000'000},
  };
  for (const auto& c : cases) {
    const auto read = parse_duration(c.text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->count(), c.micros) << c.text;
  }
}

TEST(Duration, RefusesWithASentenceThatHelps) {
  const struct {
    const char *text, *why;
  } cases[] = {
      {"", "'' is not a duration: a number with a unit is wanted"},
      {"0", "'0' is not a duration: it needs a unit"},
      {"30", "'30' is not a duration: it needs a unit"},
      {"1.5", "'1.5' is not a duration: it needs a unit"},
      {"1h30", "'1h30' is not a duration: the number 30 needs a unit"},
      {"s", "'s' is not a duration: a number with a unit is wanted"},
      {"+5s", "'+5s' is not a duration: a number with a unit is wanted"},
      {".5s", "'.5s' is not a duration: a number with a unit is wanted"},
      {"5.s", "'5.s' is not a duration: a number with a unit is wanted"},
      {" 5s", "' 5s' is not a duration: a number with a unit is wanted"},
      {"-5s", "'-5s' is not a duration: it must not be negative"},
      {"5 s", "'5 s' is not a duration: number and unit are written without a space"},
      {"5s ", "'5s ' is not a duration: number and unit are written without a space"},
      {"5S", "'5S' is not a duration: unknown unit 'S'; did you mean 's'?"},
      {"5sec", "'5sec' is not a duration: unknown unit 'sec'; units are us ms s m h d"},
      {"1e3s", "'1e3s' is not a duration: unknown unit 'e'; units are us ms s m h d"},
      {"1s1s", "'1s1s' is not a duration: parts are written from the largest unit down"},
      {"30s1h", "'30s1h' is not a duration: parts are written from the largest unit down"},
      {"0.5us", "'0.5us' is not a duration: it is finer than a microsecond"},
      {"40000d", "'40000d' is not a duration: it is too long"},
      {"9999999999999999999s", "'9999999999999999999s' is not a duration: it has too many digits"},
      {"1.0000000000s", "'1.0000000000s' is not a duration: it has too many digits"},
  };
  for (const auto& c : cases) {
    const auto read = parse_duration(c.text);
    ASSERT_FALSE(read) << c.text;
    EXPECT_EQ(read.error().message, std::string(c.why) + " (for example 5s, 250ms, 1d)");
  }
}

TEST(Duration, NeverReturnsALongOrUnprintableTextToTheTerminal) {
  const auto control = parse_duration("5\x1b[31m\n");
  ASSERT_FALSE(control);
  EXPECT_EQ(control.error().message.find_first_of("\x1b\n"), std::string::npos);
  const auto endless = parse_duration(std::string(100'000, '7'));
  ASSERT_FALSE(endless);
  EXPECT_LT(endless.error().message.size(), 250u);
  // Cut between characters: "\u00b5" is two bytes, and the cut falls into the middle of one.
  std::string micro = "5";
  for (int i = 0; i < 60; ++i) micro += "\xc2\xb5";
  const auto cut = parse_duration(micro);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().message.find("\xc2."), std::string::npos);
  EXPECT_NE(cut.error().message.find("\xc2\xb5..."), std::string::npos);
}

TEST(Size, ReadsBinaryAndDecimalUnits) {
  const struct {
    const char* text;
    uint64_t bytes;
  } cases[] = {
      {"0B", 0},        {"512B", 512},        {"64KiB", 65'536},      {"1MiB", 1'048'576}, {"2GiB", 1ull << 31},
      {"64KB", 64'000}, {"10MB", 10'000'000}, {"1GB", 1'000'000'000}, {"1.5KiB", 1'536},   {"0.1MB", 100'000},
      {"1.1KB", 1'100}};
  for (const auto& c : cases) {
    const auto read = parse_size(c.text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, c.bytes) << c.text;
  }
}

TEST(Size, RefusesWithASentenceThatHelps) {
  const struct {
    const char *text, *why;
  } cases[] = {
      {"1048576", "'1048576' is not a size: it needs a unit"},
      {"64K", "'64K' is not a size: unknown unit 'K'; units are B KiB MiB GiB KB MB GB"},
      {"64kb", "'64kb' is not a size: unknown unit 'kb'; did you mean 'KB'?"},
      {"64kib", "'64kib' is not a size: unknown unit 'kib'; did you mean 'KiB'?"},
      {"64KiB5B", "'64KiB5B' is not a size: '5B' is too much"},
      {"0.5B", "'0.5B' is not a size: it is not a whole number of bytes"},
      {"-1B", "'-1B' is not a size: it must not be negative"},
      {"99999999999GiB", "'99999999999GiB' is not a size: it is too large"},
  };
  for (const auto& c : cases) {
    const auto read = parse_size(c.text);
    ASSERT_FALSE(read) << c.text;
    EXPECT_EQ(read.error().message, std::string(c.why) + " (for example 64KiB, 10MB)");
  }
}

TEST(Rate, IsPerSecond) {
  EXPECT_EQ(*parse_rate("10r/s"), 10.0);
  EXPECT_EQ(*parse_rate("600r/m"), 10.0);
  EXPECT_EQ(*parse_rate("0.5r/s"), 0.5);
  EXPECT_EQ(*parse_rate("1r/m"), 1.0 / 60);
  EXPECT_EQ(parse_rate("10").error().message, "'10' is not a rate: it needs a unit (for example 10r/s, 600r/m)");
  EXPECT_EQ(parse_rate("10r/h").error().message,
            "'10r/h' is not a rate: unknown unit 'r/h'; units are r/s r/m (for example 10r/s, 600r/m)");
}

TEST(Distance, IsInKilometres) {
  EXPECT_EQ(*parse_distance_km("1500km"), 1500.0);
  EXPECT_EQ(*parse_distance_km("200m"), 0.2);
  EXPECT_EQ(*parse_distance_km("0km"), 0.0);
  EXPECT_EQ(parse_distance_km("5mi").error().message,
            "'5mi' is not a distance: unknown unit 'mi'; units are km m (for example 1500km)");
}

TEST(Percent, IsAShareOfOneWithoutARoundingOfItsOwn) {
  EXPECT_EQ(*parse_percent("2%"), 0.02);
  EXPECT_EQ(*parse_percent("7%"), 0.07);
  EXPECT_EQ(*parse_percent("100%"), 1.0);
  EXPECT_EQ(*parse_percent("0.1%"), 0.001);
  EXPECT_EQ(*parse_percent("0%"), 0.0);
  EXPECT_EQ(parse_percent("0.02").error().message, "'0.02' is not a percentage: it needs a unit (for example 20%)");
  EXPECT_FALSE(parse_percent("2%%"));
}

TEST(FormatDuration, IsShortAndExact) {
  const struct {
    int64_t micros;
    const char* text;
  } cases[] = {{0, "0s"},
               {1, "1us"},
               {1'500, "1500us"},
               {2'000, "2ms"},
               {90'000'000, "1m30s"},
               {1'000'500, "1s500us"},
               {604'800'000'000, "7d"},
               {93'784'005'006, "1d2h3m4s5006us"},
               {-90'000'000, "-1m30s"}};
  for (const auto& c : cases) EXPECT_EQ(format_duration(Micros(c.micros)), c.text);
}

TEST(FormatSize, UsesTheLargestBinaryUnitThatIsExact) {
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(1023), "1023B");
  EXPECT_EQ(format_size(65'536), "64KiB");
  EXPECT_EQ(format_size(1'048'576), "1MiB");
  EXPECT_EQ(format_size(1'049'600), "1025KiB");
  EXPECT_EQ(format_size(3ull << 30), "3GiB");
  EXPECT_EQ(format_size(1'000'000), "1000000B");
}

TEST(Format, IsReadBackAsTheSameValue) {
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    const auto micros = static_cast<int64_t>(random.next() >> (13 + random.below(50)));
    const auto duration = parse_duration(format_duration(Micros(micros)));
    ASSERT_TRUE(duration) << duration.error().message;
    EXPECT_EQ(duration->count(), micros);
    const uint64_t bytes = (random.next() >> (24 + random.below(40))) << random.below(20);
    const auto size = parse_size(format_size(bytes));
    ASSERT_TRUE(size) << size.error().message;
    EXPECT_EQ(*size, bytes);
  }
}

}  // namespace
}  // namespace rhumb::base
