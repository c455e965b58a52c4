// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using decision::tenant_key;
using testing::TestExchange;

Verdict::Kind identify(TestExchange& exchange, const std::string& key) {
  const config::Loaded loaded = testing::load("tenant: {key: \"" + key + "\"}\n");
  RHUMB_ASSERT(loaded.ok());
  return exchange.run(*gateway_chain(loaded.spec), Phase::identify, Phase::identify).kind();
}

/// Whom a request belongs to, or nothing.
std::string tenant_of(TestExchange& exchange, const std::string& key) {
  EXPECT_EQ(identify(exchange, key), Verdict::Kind::next);
  EXPECT_EQ(exchange.view.facts.tenant, tenant_key(exchange.view.tenant));
  return std::string(exchange.view.tenant);
}

TEST(Tenant, IsNobodyUnlessTheFileSaysWhatNamesIt) {
  TestExchange exchange;
  exchange.with("X-Tenant", "acme").with("Cookie", "tenant=acme");
  EXPECT_EQ(tenant_of(exchange, "none"), "");
  EXPECT_EQ(exchange.view.facts.tenant, 0u);
}

TEST(Tenant, IsTheHost) {
  TestExchange exchange;
  EXPECT_EQ(tenant_of(exchange, "host"), "www.example.org");
}

TEST(Tenant, IsWhatTheHeaderSays) {
  TestExchange named, known, nobody, empty;
  EXPECT_EQ(tenant_of(named.with("x-tenant", "acme"), "header:X-Tenant"), "acme");
  EXPECT_EQ(tenant_of(known.with("Origin", "acme"), "header:origin"), "acme");
  EXPECT_EQ(tenant_of(nobody.with("X-Tenants", "acme"), "header:X-Tenant"), "");
  EXPECT_EQ(tenant_of(empty.with("X-Tenant", ""), "header:X-Tenant"), "");
  EXPECT_EQ(empty.view.facts.tenant, 0u);
}

TEST(Tenant, OfTwoHeadersIsRefused) {
  for (const char* name : {"X-Tenant", "Origin"}) {
    TestExchange exchange;
    exchange.with(name, "acme").with(name, "other");
    EXPECT_EQ(identify(exchange, std::string("header:") + name), Verdict::Kind::fail) << name;
  }
}

TEST(Tenant, IsWhatTheCookieSays) {
  TestExchange exchange, other;
  EXPECT_EQ(tenant_of(exchange.with("Cookie", "a=b; tenant=acme"), "cookie:tenant"), "acme");
  EXPECT_EQ(tenant_of(other.with("Cookie", "Tenant=acme"), "cookie:tenant"), "") << "names of cookies have a case";
}

}  // namespace
}  // namespace rhumb::filters
