// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "filters_testing.h"
#include "geo/mmdb_writer.h"

namespace rhumb::filters {
namespace {

using testing::ip;
using testing::TestExchange;

const std::string kCdnHeaders =
    "{trusted_proxies: [10.0.0.0/8], country_header: cf-ipcountry, latitude_header: cf-iplatitude, longitude_header: "
    "cf-iplongitude}";

class GeoLocate : public ::testing::Test {
 protected:
  GeoLocate() {
    geo::MmdbWriter writer;
    geo::RecordFields dublin;
    dublin.country = geo::Country::of("IE");
    dublin.point = geo::Point{53.3, -6.2};
    dublin.city = "Dublin";
    writer.insert(*base::Cidr::parse("203.0.113.0/24"), dublin);
    auto opened = geo::Database::from_bytes("test", writer.finish({}), false);
    RHUMB_ASSERT(opened.has_value());
    std::vector<geo::Database> databases;
    databases.push_back(std::move(*opened));
    locator_ = std::make_shared<const geo::Locator>(std::move(databases));
    places_ = std::make_unique<geo::Cache>(*locator_);
    exchange_.view.places = places_.get();
  }
  const geo::Facts& run() {
    const auto chain = testing::build_gateway(kCdnHeaders);
    EXPECT_EQ(exchange_.run(*chain, Phase::identify, Phase::identify).kind(), Verdict::Kind::next);
    return exchange_.view.facts.where;
  }
  TestExchange& trusted() { return exchange_.from("10.0.0.1").with("X-Forwarded-For", "203.0.113.9"); }

  std::shared_ptr<const geo::Locator> locator_;
  std::unique_ptr<geo::Cache> places_;
  TestExchange exchange_;
};

TEST_F(GeoLocate, AsksTheDatabaseForTheClientNotThePeer) {
  trusted();
  const geo::Facts& where = run();
  EXPECT_EQ(where.country.view(), "IE");
  EXPECT_EQ(where.city, "Dublin");
  EXPECT_EQ(where.source, geo::Source::database);
}

TEST_F(GeoLocate, KnowsNothingWithoutDatabaseOrHeader) {
  exchange_.view.places = nullptr;
  const geo::Facts& where = run();
  EXPECT_FALSE(where.country.known());
  EXPECT_EQ(where.source, geo::Source::none);
}

TEST_F(GeoLocate, BelievesATrustedCdnsCountryOverTheDatabase) {
  trusted().with("CF-IPCountry", "SG");
  const geo::Facts& where = run();
  EXPECT_EQ(where.country.view(), "SG");
  EXPECT_EQ(where.source, geo::Source::header);
  EXPECT_EQ(std::string_view(where.continent.data(), 2), "AS");
  ASSERT_TRUE(where.has_point);
  EXPECT_NEAR(where.point.latitude, 1.3, 1.0);
  EXPECT_TRUE(where.city.empty());
}

TEST_F(GeoLocate, KeepsTheDatabasesPlaceWhenItAgreesOnTheCountry) {
  trusted().with("CF-IPCountry", "ie");
  const geo::Facts& where = run();
  EXPECT_EQ(where.city, "Dublin");
  EXPECT_EQ(where.point, (geo::Point{53.3, -6.2}));
  EXPECT_EQ(where.source, geo::Source::header);
}

TEST_F(GeoLocate, TakesTheCdnsPoint) {
  trusted().with("CF-IPCountry", "US").with("CF-IPLatitude", "37.75").with("CF-IPLongitude", "-122.4");
  const geo::Facts& where = run();
  EXPECT_EQ(where.point, (geo::Point{37.75, -122.4}));
  EXPECT_EQ(where.country.view(), "US");
}

TEST_F(GeoLocate, BelievesNoHeaderOfAnUntrustedPeer) {
  exchange_.from("203.0.113.9").with("CF-IPCountry", "SG").with("CF-IPLatitude", "1").with("CF-IPLongitude", "103");
  const geo::Facts& where = run();
  EXPECT_EQ(where.country.view(), "IE");
  EXPECT_EQ(where.source, geo::Source::database);
}

TEST_F(GeoLocate, PassesOverCountriesThatAreNone) {
  for (const char* value : {"", "XX", "T1", "S", "SGP", "S G", "SG,US", "\xd3\xc7"}) {
    exchange_.request.fields.clear();
    trusted().with("CF-IPCountry", value);
    EXPECT_EQ(run().country.view(), "IE") << value;
  }
}

TEST_F(GeoLocate, PassesOverTwoOpinions) {
  trusted().with("CF-IPCountry", "SG").with("cf-ipcountry", "US");
  EXPECT_EQ(run().country.view(), "IE");
}

TEST_F(GeoLocate, PassesOverPointsThatAreNone) {
  const char* bad[] = {"",    "-",   ".",    "1.",  ".5", "+1",  "1e1", "inf",
                       "nan", "0x1", "90.1", "-91", "1 ", "1,0", "--1", "1.2.3"};
  for (const char* latitude : bad) {
    exchange_.request.fields.clear();
    trusted().with("CF-IPLatitude", latitude).with("CF-IPLongitude", "10");
    EXPECT_EQ(run().point, (geo::Point{53.3, -6.2})) << latitude;
  }
  exchange_.request.fields.clear();
  trusted().with("CF-IPLatitude", "10");
  EXPECT_EQ(run().point, (geo::Point{53.3, -6.2})) << "half a point is none";
}

}  // namespace
}  // namespace rhumb::filters
