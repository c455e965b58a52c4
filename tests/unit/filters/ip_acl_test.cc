// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using testing::ip;
using testing::TestExchange;
namespace code = config::code;

bool passes(const std::string& options, std::string_view client) {
  const auto built = build("{ip_acl: " + options + "}");
  EXPECT_TRUE(built.codes().empty()) << built.text();
  TestExchange exchange;
  exchange.view.facts.client = ip(client);
  const Verdict verdict = exchange.run(*built.chain);
  EXPECT_TRUE(verdict.kind() == Verdict::Kind::next || verdict.fault().status() == 403);
  return verdict.kind() == Verdict::Kind::next;
}

TEST(IpAcl, DeniesWhatIsDenied) {
  EXPECT_FALSE(passes("{deny: [192.0.2.0/24]}", "192.0.2.1"));
  EXPECT_TRUE(passes("{deny: [192.0.2.0/24]}", "192.0.3.1"));
}

TEST(IpAcl, AllowsNobodyElseWhenSomeAreAllowed) {
  EXPECT_TRUE(passes("{allow: [10.0.0.0/8, \"2001:db8::/32\"]}", "10.1.2.3"));
  EXPECT_TRUE(passes("{allow: [10.0.0.0/8, \"2001:db8::/32\"]}", "2001:db8::1"));
  EXPECT_FALSE(passes("{allow: [10.0.0.0/8, \"2001:db8::/32\"]}", "11.0.0.1"));
  EXPECT_FALSE(passes("{allow: [10.0.0.0/8, \"2001:db8::/32\"]}", "2001:db9::1"));
}

TEST(IpAcl, DenyWinsOverAllow) {
  EXPECT_FALSE(passes("{allow: [10.0.0.0/8], deny: [10.1.0.0/16]}", "10.1.0.1"));
  EXPECT_TRUE(passes("{allow: [10.0.0.0/8], deny: [10.1.0.0/16]}", "10.2.0.1"));
}

TEST(IpAcl, JudgesTheClientNotThePeer) {
  TestExchange exchange;
  exchange.from("192.0.2.1");
  exchange.view.facts.client = ip("203.0.113.1");
  EXPECT_EQ(exchange.run(*build("{ip_acl: {deny: [192.0.2.0/24]}}").chain).kind(), Verdict::Kind::next);
}

TEST(IpAcl, TakesAMappedAddressForWhatItIs) { EXPECT_FALSE(passes("{deny: [192.0.2.0/24]}", "::ffff:192.0.2.1")); }

TEST(IpAcl, RefusesListsThatSayNothing) {
  EXPECT_THAT(build("{ip_acl: {}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{ip_acl: {allow: [], deny: []}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{ip_acl: {alow: [10.0.0.0/8]}}").codes(), ElementsAre(code::kUnknownKey));
  EXPECT_THAT(build("{ip_acl: {allow: [10.0.0.1/8]}}").codes(), ElementsAre(code::kCidr));
}

}  // namespace
}  // namespace rhumb::filters
