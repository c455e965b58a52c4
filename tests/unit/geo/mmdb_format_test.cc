// SPDX-License-Identifier: Apache-2.0
#include "geo/mmdb_format.h"

#include <gtest/gtest.h>

#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::RawFile;
using testing::span_of;

MmdbValue read_one(std::string_view bytes) {
  MmdbValue value;
  uint32_t at = 0;
  EXPECT_TRUE(MmdbSection(span_of(bytes)).read(at, value));
  EXPECT_EQ(at, bytes.size());
  return value;
}

bool reads(std::string_view bytes) {
  MmdbValue value;
  uint32_t at = 0;
  return MmdbSection(span_of(bytes)).read(at, value);
}

TEST(MmdbSection, ReadsStringsOfEverySizeClass) {
  for (size_t size : {0, 1, 28, 29, 284, 285, 65820, 65821, 100'000}) {
    const std::string text(size, 'x');
    const std::string bytes = MmdbEncoder().string(text).take();
    EXPECT_EQ(MmdbSection(span_of(bytes)).text(read_one(bytes)), text) << size;
  }
}

TEST(MmdbSection, ReadsNumbersOfEveryType) {
  const auto number = [](const std::string& bytes) {
    double out = 0;
    EXPECT_TRUE(MmdbSection(span_of(bytes)).number(read_one(bytes), out));
    return out;
  };
  EXPECT_EQ(number(MmdbEncoder().float64(-77.25).take()), -77.25);
  EXPECT_EQ(number(MmdbEncoder().float32(0.5f).take()), 0.5);
  EXPECT_EQ(number(MmdbEncoder().uint16(0).take()), 0);
  EXPECT_EQ(number(MmdbEncoder().uint16(65535).take()), 65535);
  EXPECT_EQ(number(MmdbEncoder().uint32(4'000'000'000u).take()), 4e9);
  EXPECT_EQ(number(MmdbEncoder().uint64(1ull << 40).take()), 0x1p40);
  EXPECT_EQ(number(std::string("\x04\x01\xff\xff\xff\xfe", 6)), -2);  // int32
}

TEST(MmdbSection, AStringIsNoNumberAndANumberNoString) {
  const std::string text = MmdbEncoder().string("12").take(), number = MmdbEncoder().uint16(12).take();
  double out = 0;
  EXPECT_FALSE(MmdbSection(span_of(text)).number(read_one(text), out));
  EXPECT_EQ(MmdbSection(span_of(number)).text(read_one(number)), "");
}

TEST(MmdbSection, RefusesTypesAndSizesThatDoNotExist) {
  EXPECT_FALSE(reads(""));
  EXPECT_FALSE(reads(std::string("\x00", 1)));      // extended type without its byte
  EXPECT_FALSE(reads(std::string("\x00\x00", 2)));  // extended type 7
  EXPECT_FALSE(reads(std::string("\x00\x05", 2)));  // 12: cache container
  EXPECT_FALSE(reads(std::string("\x00\x06", 2)));  // 13: end marker
  EXPECT_FALSE(reads(std::string("\x00\x09", 2)));  // 16
  EXPECT_FALSE(
      reads("\x67"
            "1234567"));  // a double of 7 bytes
  EXPECT_FALSE(
      reads("\xa3"
            "123"));                                // uint16 of 3 bytes
  EXPECT_FALSE(reads(std::string("\x02\x07", 2)));  // boolean 2
  EXPECT_FALSE(
      reads("\x43"
            "ab"));                     // string longer than the bytes
  EXPECT_FALSE(reads("\x5f\xff\xff"));  // size bytes cut off
}

TEST(MmdbSection, FollowsAPointerOnceAndReturnsBehindIt) {
  const std::string bytes =
      MmdbEncoder().string("there").take() + std::string("\x20\x00", 2) + std::string("\x20\x06", 2);
  const MmdbSection section(span_of(bytes));
  uint32_t at = 6;
  std::string_view text;
  EXPECT_TRUE(section.read_string(at, text));
  EXPECT_EQ(text, "there");
  EXPECT_EQ(at, 8u);
  EXPECT_FALSE(section.read_string(at, text)) << "a pointer to a pointer";
}

TEST(MmdbSection, RefusesPointersBeyondItsEnd) {
  EXPECT_FALSE(reads(std::string("\x20\x02", 2)));
  EXPECT_FALSE(reads("\x38\xff\xff\xff\xff"));
  EXPECT_FALSE(reads("\x38\xff"));
}

TEST(MmdbSection, SkipsNestedValuesWhole) {
  const std::string nested = MmdbEncoder().map(2).string("a").array(2).uint16(1).string("x").string("b").map(0).take();
  const std::string bytes = nested + MmdbEncoder().string("end").take();
  uint32_t at = 0;
  EXPECT_TRUE(MmdbSection(span_of(bytes)).skip(at));
  EXPECT_EQ(at, nested.size());
}

TEST(MmdbSection, SkipEndsWithTheBytesWhateverACountClaims) {
  const std::string bytes = MmdbEncoder().map(16'000'000).string("only").take();
  uint32_t at = 0;
  EXPECT_FALSE(MmdbSection(span_of(bytes)).skip(at));
}

TEST(MmdbTree, ReadsRecordsOfEverySize) {
  const std::string bytes("\x01\x02\x03\xab\x04\x05\x06\x07", 8);
  const auto all = span_of(bytes);
  EXPECT_EQ(MmdbTree(all, 1, 24).record(0, 0), 0x010203u);
  EXPECT_EQ(MmdbTree(all, 1, 24).record(0, 1), 0xab0405u);
  EXPECT_EQ(MmdbTree(all, 1, 28).record(0, 0), 0xa010203u);
  EXPECT_EQ(MmdbTree(all, 1, 28).record(0, 1), 0xb040506u);
  EXPECT_EQ(MmdbTree(all, 1, 32).record(0, 0), 0x010203abu);
  EXPECT_EQ(MmdbTree(all, 1, 32).record(0, 1), 0x04050607u);
}

std::string error_of(const RawFile& file) {
  const std::string bytes = file.bytes();
  const auto layout = read_mmdb_layout(span_of(bytes));
  return layout ? "" : layout.error();
}

TEST(MmdbLayout, TellsTheParts) {
  RawFile file;
  file.nodes = {{1, 1}};
  const std::string bytes = file.bytes();
  const auto layout = read_mmdb_layout(span_of(bytes));
  ASSERT_TRUE(layout.has_value()) << layout.error();
  EXPECT_EQ(layout->metadata.node_count, 1u);
  EXPECT_EQ(layout->metadata.type, "raw");
  EXPECT_EQ(layout->metadata.build_epoch, 1u);
  EXPECT_EQ(layout->data.size(), 0u);
}

TEST(MmdbLayout, RefusesWhatIsNoDatabase) {
  for (std::string_view text : {"", "hello", "\xab\xcd\xefMaxMind.com"})
    EXPECT_FALSE(read_mmdb_layout(span_of(text)).has_value()) << text;
}

TEST(MmdbLayout, SaysWhatIsWrongWithTheMetadata) {
  RawFile file;
  file.nodes = {{1, 1}};
  file.record_size = 20;
  EXPECT_EQ(error_of(file), "its record size is 20; only 24, 28 and 32 exist");
  file.record_size = 24, file.ip_version = 5;
  EXPECT_EQ(error_of(file), "its ip_version is 5; only 4 and 6 exist");
  file.ip_version = 4, file.major = 3;
  EXPECT_EQ(error_of(file), "its format version is 3; only 2 is known");
}

TEST(MmdbLayout, RefusesMoreNodesThanTheFileHasRoomFor) {
  RawFile file;
  file.nodes = {{1, 1}};
  file.node_count = 0x7fffffff;
  EXPECT_EQ(error_of(file), "its 2147483647 nodes need 12884901898 bytes, but only 22 are there");
}

TEST(MmdbLayout, TheLastMarkerCounts) {
  RawFile file;
  file.nodes = {{1, 1}};
  file.data = std::string(kMmdbMarker) + "not metadata";
  EXPECT_EQ(error_of(file), "");
}

}  // namespace
}  // namespace rhumb::geo
