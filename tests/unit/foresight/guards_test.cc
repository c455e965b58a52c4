// SPDX-License-Identifier: Apache-2.0
#include "foresight/guards.h"

#include <gtest/gtest.h>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

decision::RequestFacts from(const char* client, const char* country) {
  decision::RequestFacts facts;
  facts.client = *base::IpAddress::parse(client);
  facts.where.country = geo::Country::of(country);
  return facts;
}

TEST(Guards, DenyWhomTheRoutesOwnFiltersDeny) {
  const std::string file = testing::small_file();
  const config::Spec spec = testing::spec_of(
      file.substr(0, file.find("routes:")) +
      "routes:\n  - {name: free, match: {path: /free}, filters: [{headers: {request: {set: {A: b}}}}]}\n"
      "  - {name: walled, filters: [{geo_acl: {deny: [KP]}}, {ip_acl: {deny: [10.0.0.0/8]}}]}\n");
  Guards guards(spec);
  EXPECT_FALSE(guards.deny(0, from("10.1.2.0", "KP")));
  EXPECT_TRUE(guards.deny(1, from("198.51.100.0", "KP")));
  EXPECT_TRUE(guards.deny(1, from("10.1.2.0", "DE")));
  EXPECT_FALSE(guards.deny(1, from("198.51.100.0", "DE")));
}

}  // namespace
}  // namespace rhumb::foresight
