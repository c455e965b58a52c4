// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_with;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::load_with;

TEST(LoadGeo, TrustsThisMachineUnlessToldOtherwise) {
  ASSERT_EQ(load_with("").spec.geo.trusted_proxies.size(), 1u);
  EXPECT_EQ(load_with("").spec.geo.trusted_proxies[0].to_string(), "127.0.0.1/32");
  EXPECT_THAT(load_with("geo: {trusted_proxies: []}\n").spec.geo.trusted_proxies, IsEmpty());
  EXPECT_EQ(load_with("geo: {trusted_proxies: [10.0.0.0/8, \"2001:db8::/32\"]}\n").spec.geo.trusted_proxies.size(), 2u);
}

TEST(LoadGeo, KnowsWhichHeaderIsWalked) {
  EXPECT_EQ(load_with("").spec.geo.forwarded, GeoSpec::Forwarded::x_forwarded_for);
  EXPECT_EQ(load_with("geo: {forwarded: forwarded}\n").spec.geo.forwarded, GeoSpec::Forwarded::forwarded);
  EXPECT_EQ(load_with("geo: {forwarded: none}\n").spec.geo.forwarded, GeoSpec::Forwarded::none);
}

TEST(LoadGeo, LowersHeaderNamesAndUsesNoneByDefault) {
  EXPECT_EQ(load_with("geo: {country_header: CF-IPCountry}\n").spec.geo.country_header, "cf-ipcountry");
  EXPECT_EQ(load_with("").spec.geo.country_header, "");
  EXPECT_THAT(codes_with("geo: {country_header: \"a:b\", latitude_header: \"\"}\n"),
              ElementsAre(code::kName, code::kName));
}

TEST(LoadGeo, ChecksCountriesThatAreKeys) {
  EXPECT_THAT(codes_with("geo: {countries: {NO: eu-west, US: us-east}}\n"), IsEmpty());
  EXPECT_THAT(codes_with("geo: {countries: {no: eu-west, USA: us-east}}\n"),
              ElementsAre(code::kCountry, code::kCountry));
  EXPECT_THAT(codes_with("geo: {countries: {US: }}\n"), ElementsAre(code::kNoValue));
}

TEST(LoadFence, NeedsSomeoneToFenceAndSomewhereToGo) {
  EXPECT_THAT(codes_with("fence: [{countries: [], regions: [eu-west]}]\n"), ElementsAre(code::kNoneGiven));
  EXPECT_THAT(codes_with("fence: [{countries: [DE], regions: []}]\n"), ElementsAre(code::kEmpty));
  EXPECT_THAT(codes_with("fence: [{}]\n"), ElementsAre(code::kMissingKey, code::kNoneGiven));
}

TEST(LoadFence, FencesACountryOnce) {
  EXPECT_THAT(
      codes_with("fence:\n  - {countries: [DE], regions: [eu-west]}\n  - {countries: [FR, DE], regions: [us-east]}\n"),
      ElementsAre(code::kDuplicateItem));
}

TEST(LoadTenant, ReadsWhatNamesIt) {
  EXPECT_EQ(load_with("").spec.tenant.key, "none");
  for (const char* key : {"none", "host", "cookie:Who"})
    EXPECT_EQ(load_with(std::string("tenant: {key: \"") + key + "\"}\n").spec.tenant.key, key);
  EXPECT_EQ(load_with("tenant: {key: \"header:X-Tenant\"}\n").spec.tenant.key, "header:x-tenant");
  for (const char* key : {"", "path", "header", "header:", "host:x", "cookie:a b", "header:NAME:x", "client_ip"})
    EXPECT_THAT(codes_with(std::string("tenant: {key: \"") + key + "\"}\n"), ElementsAre(code::kKey)) << key;
}

}  // namespace
}  // namespace rhumb::config
