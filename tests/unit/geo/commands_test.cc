// SPDX-License-Identifier: Apache-2.0
#include "geo/commands.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "geo/centroids.h"
#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using ::testing::ElementsAre;
using testing::ip;
using testing::TemporaryFiles;

TEST(GeoBuild, MakesAnOverlayOfSeveralFiles) {
  const TemporaryFiles files;
  const std::string a = files.write("a.csv", "network,country\n10.0.0.0/8,DE\n11.0.0.0/8,DE\n");
  const std::string b = files.write("b.csv", "network,country\n10.0.0.0/8,FR\n");
  BuildOptions options;
  options.build_epoch = 1'750'000'000;
  options.type = "mine";
  const auto built = build({a, b}, files.path("out.mmdb"), options);
  ASSERT_TRUE(built.has_value()) << built.error().front();
  EXPECT_EQ(built->rows, 3u);
  EXPECT_EQ(built->records, 2u);
  EXPECT_EQ(built->bytes, std::filesystem::file_size(files.path("out.mmdb")));
  const auto database = Database::open(files.path("out.mmdb"), true);
  ASSERT_TRUE(database.has_value()) << database.error();
  EXPECT_EQ(database->type(), "mine");
  EXPECT_EQ(database->build_epoch(), 1'750'000'000u);
  EXPECT_EQ(database->lookup(ip("10.0.0.1")).country.view(), "FR");
  EXPECT_EQ(database->lookup(ip("11.0.0.1")).country.view(), "DE");
}

TEST(GeoBuild, IsRepeatableBecauseTheInputsDateTheFile) {
  const TemporaryFiles files;
  const std::string csv = files.write("a.csv", "network,country\n10.0.0.0/8,DE\n");
  const timespec times[2] = {{1'760'000'000, 0}, {1'760'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, csv.c_str(), times, 0), 0);
  ASSERT_TRUE(build({csv}, files.path("1"), {}).has_value());
  ASSERT_TRUE(build({csv}, files.path("2"), {}).has_value());
  EXPECT_EQ(*read_whole_file(files.path("1"), 1 << 20), *read_whole_file(files.path("2"), 1 << 20));
  EXPECT_EQ(Database::open(files.path("1"), false)->build_epoch(), 1'760'000'000u);
}

TEST(GeoBuild, GathersTheErrorsOfAllFilesAndWritesNothing) {
  const TemporaryFiles files;
  const std::string a = files.write("a.csv", "network,country\nx,DE\n"),
                    b = files.write("b.csv", "network,country\n10.0.0.0/8,XX\n");
  files.write("out.mmdb", "old");
  const auto built = build({a, files.path("none"), b}, files.path("out.mmdb"));
  ASSERT_FALSE(built.has_value());
  EXPECT_THAT(built.error(),
              ElementsAre(a + ":2:1: 'x' is not a network such as 10.0.0.0/8 (no bits set behind the prefix)",
                          files.path("none") + ": cannot be opened: No such file or directory",
                          b + ":2:12: 'XX' is not an ISO 3166-1 country code"));
  EXPECT_EQ(*read_whole_file(files.path("out.mmdb"), 100), "old");
}

TEST(GeoBuild, WithoutRowsIsAnError) {
  const TemporaryFiles files;
  const auto built = build({files.write("a.csv", "network,country\n")}, files.path("out.mmdb"));
  ASSERT_FALSE(built.has_value());
  EXPECT_THAT(built.error(), ElementsAre("there is no row to build from"));
}

TEST(GeoBuild, SaysWhenItCannotWrite) {
  const TemporaryFiles files;
  const auto built = build({files.write("a.csv", "network,country\n10.0.0.0/8,DE\n")}, files.path("no/out.mmdb"));
  ASSERT_FALSE(built.has_value());
  EXPECT_THAT(built.error(), ElementsAre(files.path("no/out.mmdb") + ": cannot be written: No such file or directory"));
}

TEST(Describe, PutsTheFactsInALine) {
  Facts facts;
  EXPECT_EQ(describe(facts), "unknown");
  facts.country = Country::of("DE");
  facts.source = Source::database;
  EXPECT_EQ(describe(facts), "Germany (DE), from a database");
  facts.point = {50.11, 8.68};
  facts.has_point = true;
  facts.accuracy_km = 20;
  facts.city = "Frankfurt am Main";
  facts.subdivision = "HE";
  EXPECT_EQ(describe(facts), "Frankfurt am Main, HE, Germany (DE), 50.11 8.68 within 20 km, from a database");
  facts.source = Source::overlay;
  facts.city = facts.subdivision = {};
  EXPECT_EQ(describe(facts), "Germany (DE), 50.11 8.68 within 20 km, from an overlay");
  facts.source = Source::centroid;
  facts.accuracy_km = kCentroidAccuracyKm;
  EXPECT_EQ(describe(facts), "Germany (DE), 50.11 8.68 within 1000 km, the middle of the country");
  facts.source = Source::header;
  facts.accuracy_km = 0;
  facts.country = {};
  EXPECT_EQ(describe(facts), "50.11 8.68, from a header");
}

}  // namespace
}  // namespace rhumb::geo
