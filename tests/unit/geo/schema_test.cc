// SPDX-License-Identifier: Apache-2.0
#include "geo/schema.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::flat_record;
using testing::span_of;

Facts decode(Schema schema, const std::string& record) {
  Facts facts;
  decode_record(schema, MmdbSection(span_of(record)), 0, facts);
  // The views end with `record`, so tests of texts keep their own.
  return facts;
}

base::Result<Schema, std::string> detect(const std::vector<std::string>& records) {
  MmdbWriter writer;
  for (size_t i = 0; i < records.size(); ++i)
    writer.insert_encoded({base::IpAddress::v4(static_cast<uint32_t>(i) << 24), 8}, records[i]);
  const std::string bytes = writer.finish({});
  const auto layout = read_mmdb_layout(span_of(bytes));
  EXPECT_TRUE(layout.has_value());
  return detect_schema(*layout);
}

TEST(Schema, NestedRecordsAreReadWhole) {
  RecordFields fields = testing::place("DE", 50.1, 8.7, "Frankfurt");
  fields.continent = Country::of("EU");
  fields.subdivision = "HE";
  fields.accuracy_km = 20;
  const std::string record = encode_record(fields);
  const Facts facts = decode(Schema::nested, record);
  EXPECT_EQ(facts.country.view(), "DE");
  EXPECT_EQ(facts.continent, (std::array<char, 2>{'E', 'U'}));
  EXPECT_TRUE(facts.has_point);
  EXPECT_EQ(facts.point, (Point{50.1, 8.7}));
  EXPECT_EQ(facts.accuracy_km, 20);
  EXPECT_EQ(facts.city, "Frankfurt");
  EXPECT_EQ(facts.subdivision, "HE");
}

TEST(Schema, TheRegisteredCountryStandsInForAMissingOne) {
  const auto country = [](MmdbEncoder& to, std::string_view key, std::string_view code) {
    to.string(key).map(1).string("iso_code").string(code);
  };
  MmdbEncoder alone, both;
  country(alone.map(1), "registered_country", "US");
  EXPECT_EQ(decode(Schema::nested, alone.take()).country.view(), "US");
  both.map(2);
  country(both, "country", "FR");
  country(both, "registered_country", "US");
  EXPECT_EQ(decode(Schema::nested, both.take()).country.view(), "FR");
}

TEST(Schema, FlatRecordsAreReadWhole) {
  const std::string record = flat_record("DE", 50.5f, 8.25f, "Frankfurt");
  const Facts facts = decode(Schema::flat, record);
  EXPECT_EQ(facts.country.view(), "DE");
  EXPECT_EQ(facts.point, (Point{50.5, 8.25}));
  EXPECT_EQ(facts.city, "Frankfurt");
  EXPECT_EQ(facts.subdivision, "Hesse");
}

TEST(Schema, FlatNamesOfOtherSetsAreKnown) {
  const std::string ipinfo =
      MmdbEncoder().map(2).string("continent").string("EU").string("country").string("DE").take();
  EXPECT_EQ(decode(Schema::flat, ipinfo).country.view(), "DE");
  EXPECT_EQ(decode(Schema::flat, ipinfo).continent[0], 'E');
  const std::string lite = MmdbEncoder()
                               .map(3)
                               .string("country")
                               .string("Germany")
                               .string("country_code")
                               .string("DE")
                               .string("continent_code")
                               .string("EU")
                               .take();
  EXPECT_EQ(decode(Schema::flat, lite).country.view(), "DE");
  const std::string doubles =
      MmdbEncoder().map(2).string("latitude").float64(1.5).string("longitude").float64(2.5).take();
  EXPECT_EQ(decode(Schema::flat, doubles).point, (Point{1.5, 2.5}));
}

TEST(Schema, CodesOfNoCountryAreLeftOut) {
  for (const char* code : {"ZZ", "EU", "", "Germany"})
    EXPECT_FALSE(decode(Schema::flat, flat_record(code, 1, 1, "")).country.known()) << code;
}

TEST(Schema, PointsThatAreNoneAreLeftOut) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const auto& [lat, lon] : {std::pair{0.f, 0.f}, {91.f, 0.f}, {0.f, 181.f}, {nan, 1.f}, {1.f, inf}})
    EXPECT_FALSE(decode(Schema::flat, flat_record("DE", lat, lon, "")).has_point) << lat << " " << lon;
  EXPECT_TRUE(decode(Schema::flat, flat_record("GH", 5.6f, 0.f, "")).has_point);
}

TEST(Schema, ValuesOfOtherTypesAreLeftOut) {
  const std::string odd = MmdbEncoder()
                              .map(4)
                              .string("country")
                              .string("x")
                              .string("location")
                              .uint16(3)
                              .string("city")
                              .array(0)
                              .string("subdivisions")
                              .map(0)
                              .take();
  const Facts facts = decode(Schema::nested, odd);
  EXPECT_FALSE(facts.country.known());
  EXPECT_FALSE(facts.has_point);
  EXPECT_EQ(facts.city, "");
  decode(Schema::nested, MmdbEncoder().uint16(7).take());
  decode(Schema::flat, MmdbEncoder().array(1).string("country_code").take());
}

TEST(DetectSchema, TellsTheTwoApart) {
  EXPECT_EQ(*detect({encode_record(testing::country("DE"))}), Schema::nested);
  EXPECT_EQ(*detect({flat_record("DE", 1, 2, "")}), Schema::flat);
  EXPECT_EQ(name(Schema::nested), "nested");
  EXPECT_EQ(name(Schema::flat), "flat");
}

TEST(DetectSchema, LooksFurtherThanRecordsThatSayNothing) {
  EXPECT_EQ(*detect({MmdbEncoder().map(0).take(), flat_record("ZZ", 0, 0, ""), flat_record("DE", 1, 2, "")}),
            Schema::flat);
}

TEST(DetectSchema, ListsTheKeysOfAnUnknownOne) {
  const auto result = detect({MmdbEncoder().map(2).string("organization").string("x").string("asn").uint32(1).take()});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(),
            "its records have neither country nor coordinates under a name known here (keys seen: asn, organization)");
}

TEST(DetectSchema, RefusesAFileWithoutRecords) {
  const auto result = detect({});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), "it holds no record");
}

}  // namespace
}  // namespace rhumb::geo
