// SPDX-License-Identifier: Apache-2.0
#include "filters/identity.h"

#include <gtest/gtest.h>

namespace rhumb::filters {
namespace {

TEST(Identity, KnowsItsNamesInEverySpelling) {
  const IdentityNames names{config::GeoSpec{}};
  for (const char* name :
       {"X-Forwarded-For", "x_forwarded_for", "X-FORWARDED_for", "x-forwarded-anything", "X-Forwarded", "Forwarded",
        "fOrWaRdEd", "X-Real-IP", "x_real_ip", "X-Geo-Country", "X_GEO_city", "X-Region", "x_region",
        "X-Region-Endpoint", "X-RegionX", "Rhumb-Session", "RHUMB_x", "X-Request-ID", "x_request_id"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Identity, LeavesOtherFieldsAlone) {
  const IdentityNames names{config::GeoSpec{}};
  for (const char* name : {"", "Host", "X", "X-Forward", "X-Forwardedfor", "Forwarded-For", "X-Real-IPs", "X-Geo",
                           "Region", "X-Requested-With", "Rhumb", "Referer", "CF-IPCountry", "User-Agent"})
    EXPECT_FALSE(names.contains(name)) << name;
}

TEST(Identity, KnowsTheConfiguredGeoHeaders) {
  config::GeoSpec geo;
  geo.country_header = "cf-ipcountry";
  geo.latitude_header = "my_lat";
  const IdentityNames names{geo};
  for (const char* name : {"CF-IPCountry", "cf_ipcountry", "My-Lat", "MY_LAT"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_FALSE(names.contains("cf-ipcountry2"));
}

}  // namespace
}  // namespace rhumb::filters
