// SPDX-License-Identifier: Apache-2.0
#include "geo/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ip;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Read {
  MmdbWriter writer;
  std::vector<std::string> errors;
  CsvCounts counts;

  explicit Read(std::string_view text) { counts = read_csv("f.csv", text, writer, errors); }
  Facts at(std::string_view address) {
    auto opened = Database::from_bytes("csv", writer.finish({}), false);
    EXPECT_TRUE(opened.has_value()) << opened.error();
    database_ = std::make_unique<Database>(std::move(*opened));
    return database_->lookup(ip(address));
  }

 private:
  std::unique_ptr<Database> database_;
};

TEST(Csv, ReadsEveryColumn) {
  Read read(
      "network,country,continent,latitude,longitude,accuracy_km,city,subdivision\n"
      "10.0.0.0/8,de,EU,50.11,8.68,20,Frankfurt am Main,HE\n");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.counts.rows, 1u);
  const Facts facts = read.at("10.1.2.3");
  EXPECT_EQ(facts.country.view(), "DE");
  EXPECT_EQ(facts.continent[0], 'E');
  EXPECT_EQ(facts.point, (Point{50.11, 8.68}));
  EXPECT_EQ(facts.accuracy_km, 20);
  EXPECT_EQ(facts.city, "Frankfurt am Main");
  EXPECT_EQ(facts.subdivision, "HE");
}

TEST(Csv, TheSameNetworkTwiceIsAnErrorThatNamesBothLines) {
  EXPECT_THAT(
      Read("network,country\n10.0.0.0/8,DE\n# a comment\n192.0.2.1,FR\n10.0.0.0/8,SG\n192.0.2.1/32,FR\n").errors,
      ElementsAre("f.csv:5:1: line 2 is about the same network already",
                  "f.csv:6:1: line 4 is about the same network already"));
  EXPECT_THAT(Read("first,last,country\n10.0.0.1,10.0.0.9,DE\n10.0.0.1,10.0.0.9,FR\n").errors,
              ElementsAre("f.csv:3:1: line 2 is about the same range already"));
}

TEST(Csv, NetworksInsideEachOtherMayDiffer) {
  Read read("network,country\n10.0.0.0/8,DE\n10.0.0.0/9,FR\n10.0.0.0/16,SG\n");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.at("10.0.0.1").country.view(), "SG");
  EXPECT_EQ(read.at("10.200.0.1").country.view(), "DE");
}

TEST(Csv, AnotherFileMaySayOtherwiseOfANetwork) {
  Read read("network,country\n10.0.0.0/8,DE\n");
  read_csv("later.csv", "network,country\n10.0.0.0/8,FR\n", read.writer, read.errors);
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.at("10.0.0.1").country.view(), "FR");
}

TEST(Csv, ColumnsComeInAnyOrderAndFieldsMayBeEmpty) {
  Read read("city,latitude,longitude,NETWORK\n,1.5,2.5,10.0.0.0/8\n");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.at("10.0.0.1").point, (Point{1.5, 2.5}));
}

TEST(Csv, ReadsRangesOfBothFamilies) {
  Read read("first,last,country\n10.0.0.5,10.0.0.9,DE\n2001:db8::1,2001:db8::ff,SG\n");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.at("10.0.0.9").country.view(), "DE");
  EXPECT_EQ(read.at("10.0.0.10").source, Source::none);
  EXPECT_EQ(read.at("2001:db8::80").country.view(), "SG");
}

TEST(Csv, ToleratesCommentsBlankLinesSpacesCarriageReturnsAndAMark) {
  Read read("\xef\xbb\xbf# ours\r\n\r\nnetwork , country\r\n  # more\r\n 10.0.0.0/8 ,\tDE \r\n10.1.0.0/16,FR");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.counts.rows, 2u);
  EXPECT_EQ(read.at("10.0.0.1").country.view(), "DE");
}

TEST(Csv, QuotedFieldsMayHoldCommasAndQuotes) {
  Read read("network,country,city\n10.0.0.0/8,\"US\",\"Washington, \"\"D.C.\"\"\"\n");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.at("10.0.0.1").city, "Washington, \"D.C.\"");
}

TEST(Csv, NamesLineAndColumnOfEveryErrorInOnePass) {
  Read read(
      "network,country,latitude,longitude\n"
      "10.0.0.0/8,XX,,\n"
      "10.0.0.1/8,DE,,\n"
      "10.0.0.0/8,UK,,\n"
      "10.0.0.0/8,DE,91,8\n"
      "10.0.0.0/8,DE,50,\n"
      "10.0.0.0/8,,,\n"
      "10.0.0.0/8,DE\n"
      "10.0.0.0/8,\"DE,,\n"
      "10.0.0.0/8,\"DE\"x,,\n"
      "10.0.0.0/8,DE,,\n");
  EXPECT_THAT(read.errors,
              ElementsAre("f.csv:2:12: 'XX' is not an ISO 3166-1 country code",
                          "f.csv:3:1: '10.0.0.1/8' is not a network such as 10.0.0.0/8 (no bits set behind the prefix)",
                          "f.csv:4:12: 'UK' is not an ISO 3166-1 country code; did you mean 'GB'?",
                          "f.csv:5:15: '91' is not a latitude: a number from -90 to 90 is expected",
                          "f.csv:6:15: latitude and longitude go together",
                          "f.csv:7:1: the row says neither a country nor a latitude and longitude",
                          "f.csv:8:1: 2 fields, but the header names 4 columns",
                          "f.csv:9:12: the quote is not closed on its line",
                          "f.csv:10:16: a comma is expected after the quoted text"));
  EXPECT_EQ(read.counts.rows, 1u);
}

TEST(Csv, RefusesOddNumbersContinentsAndRanges) {
  Read read(
      "first,last,country,continent,accuracy_km\n"
      "10.0.0.9,10.0.0.1,DE,,\n"
      "10.0.0.9,2001:db8::,DE,,\n"
      "10.0.0,10.0.0.1,DE,,\n"
      "10.0.0.1,10.0.0.1,DE,Europe,\n"
      "10.0.0.1,10.0.0.1,DE,,nan\n"
      "10.0.0.1,10.0.0.1,DE,,12km\n");
  EXPECT_THAT(read.errors,
              ElementsAre("f.csv:2:10: the range ends before it begins", "f.csv:3:10: the range ends before it begins",
                          "f.csv:4:1: '10.0.0' is not an IP address",
                          "f.csv:5:22: 'Europe' is not a continent; one of AF, AN, AS, EU, NA, OC, SA is expected",
                          "f.csv:6:23: 'nan' is not a accuracy_km: a number from 0 to 20038 is expected",
                          "f.csv:7:23: '12km' is not a accuracy_km: a number from 0 to 20038 is expected"));
}

TEST(Csv, AWrongHeaderEndsTheReading) {
  EXPECT_THAT(Read("network,contry\n10.0.0.0/8,DE\n").errors,
              ElementsAre(StartsWith("f.csv:1:9: unknown column 'contry'; ")));
  EXPECT_THAT(Read("network,country,Network\n").errors, ElementsAre("f.csv:1:17: column 'network' is named twice"));
  EXPECT_THAT(Read("country\nDE\n").errors,
              ElementsAre("f.csv:1:1: either 'network' or both 'first' and 'last' are needed"));
  EXPECT_THAT(Read("first,country\n").errors,
              ElementsAre("f.csv:1:1: either 'network' or both 'first' and 'last' are needed"));
  EXPECT_THAT(Read("network,first,last,country\n").errors,
              ElementsAre("f.csv:1:1: either 'network' or both 'first' and 'last' are needed"));
  EXPECT_THAT(Read("network,latitude\n").errors,
              ::testing::Contains("f.csv:1:1: 'latitude' and 'longitude' go together"));
  EXPECT_THAT(Read("network,city\n").errors,
              ElementsAre("f.csv:1:1: 'country' or 'latitude' and 'longitude' are needed"));
  EXPECT_THAT(Read("10.0.0.0/8,DE\n").errors, ::testing::Contains(HasSubstr("the first line names the columns")));
}

TEST(Csv, AFileOfCommentsIsAnError) {
  EXPECT_THAT(Read("").errors, ElementsAre("f.csv:0:1: it holds no line but comments"));
  EXPECT_THAT(Read("# x\n").errors, ElementsAre("f.csv:1:1: it holds no line but comments"));
}

TEST(Csv, StopsAtTwentyErrors) {
  std::string text = "network,country\n";
  for (int i = 0; i < 100; ++i) text += "x,DE\n";
  EXPECT_EQ(Read(text).errors.size(), kMaxCsvErrors);
}

TEST(Csv, ReadsTheTablesOfTor) {
  Read read("# IPFire\n16777216,16777471,AU\n16777472,16778239,CN\n16778240,16778495,??\n");
  EXPECT_THAT(read.errors, IsEmpty());
  EXPECT_EQ(read.counts.rows, 2u);
  EXPECT_EQ(read.counts.skipped, 1u);
  EXPECT_EQ(read.at("1.0.0.200").country.view(), "AU");
  EXPECT_EQ(read.at("1.0.3.255").country.view(), "CN");
  EXPECT_EQ(read.at("1.0.4.1").source, Source::none);
  Read six("2001:200::,2001:200:ffff:ffff:ffff:ffff:ffff:ffff,JP\n");
  EXPECT_THAT(six.errors, IsEmpty());
  EXPECT_EQ(six.at("2001:200:1::").country.view(), "JP");
}

TEST(Csv, RefusesBrokenTablesOfTor) {
  EXPECT_THAT(Read("1,2,DE\n5,4,DE\n6,7,Germany\n8,DE\n9,x,DE\n").errors,
              ElementsAre("f.csv:2:3: the range ends before it begins", "f.csv:3:5: 'Germany' is not a country code",
                          "f.csv:4:1: 3 fields are expected, not 2", "f.csv:5:3: 'x' is not an IP address"));
}

}  // namespace
}  // namespace rhumb::geo
