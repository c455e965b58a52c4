// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestExchange;

const std::string kGeo =
    "{trusted_proxies: [10.0.0.0/8], country_header: cf-ipcountry, latitude_header: cf-iplatitude}";

class ClientIp : public ::testing::Test {
 protected:
  /// The client_ip filter alone.
  Verdict::Kind run(const std::string& geo = kGeo) {
    chain_ = testing::build_gateway(geo);
    exchange_.view.slots = exchange_.arena.make_array<void*>(chain_->size());
    FilterContext ctx = exchange_.context();
    uint16_t ticket = 0;
    ctx.enter(0, &ticket);
    return chain_->entries()[0].filter->on_request(ctx).kind();
  }
  std::string client() const { return exchange_.view.facts.client.to_string(); }

  TestExchange exchange_;
  std::shared_ptr<const Chain> chain_;
};

TEST_F(ClientIp, BelievesNothingAnUntrustedPeerSays) {
  exchange_.with("X-Forwarded-For", "8.8.8.8")
      .with("X-Forwarded-Proto", "https")
      .with("X-Forwarded-Host", "evil.example");
  EXPECT_EQ(run(), Verdict::Kind::next);
  EXPECT_EQ(client(), "198.51.100.7");
  EXPECT_FALSE(exchange_.view.peer_trusted);
  EXPECT_EQ(exchange_.field("x-forwarded-for"), "198.51.100.7");
  EXPECT_EQ(exchange_.field("x-forwarded-proto"), "http");
  EXPECT_EQ(exchange_.field("x-forwarded-host"), "www.example.org");
  EXPECT_EQ(exchange_.field("x-real-ip"), "198.51.100.7");
}

TEST_F(ClientIp, WalksBehindATrustedPeerAndAppendsIt) {
  exchange_.from("10.0.0.1").with("X-Forwarded-For", "8.8.8.8, 203.0.113.9").with("X-Forwarded-For", "10.0.0.2");
  run();
  EXPECT_EQ(client(), "203.0.113.9");
  EXPECT_TRUE(exchange_.view.peer_trusted);
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-forwarded-for"),
              ElementsAre("8.8.8.8, 203.0.113.9, 10.0.0.2, 10.0.0.1"));
  EXPECT_EQ(exchange_.field("x-real-ip"), "203.0.113.9");
}

TEST_F(ClientIp, KeepsProtoAndHostOfATrustedPeerWhenTheyAreClear) {
  exchange_.from("10.0.0.1").with("X-Forwarded-Proto", "https").with("X-Forwarded-Host", "shop.example:8443");
  run();
  EXPECT_EQ(exchange_.field("x-forwarded-proto"), "https");
  EXPECT_EQ(exchange_.field("x-forwarded-host"), "shop.example:8443");
}

TEST_F(ClientIp, ReplacesProtoAndHostThatAreNot) {
  exchange_.from("10.0.0.1").with("X-Forwarded-Proto", "https, http").with("X-Forwarded-Host", "a b");
  run();
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-forwarded-proto"), ElementsAre("http"));
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-forwarded-host"), ElementsAre("www.example.org"));
}

TEST_F(ClientIp, S10_TwoProtosOfATrustedPeerAreNone) {
  exchange_.from("10.0.0.1").with("X-Forwarded-Proto", "https").with("X-Forwarded-Proto", "http");
  exchange_.view.tls = true;
  run();
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-forwarded-proto"), ElementsAre("https"));
}

TEST_F(ClientIp, SaysNoHostWhenTheRequestHasNone) {
  exchange_.request.authority = {};
  exchange_.with("X-Forwarded-Host", "evil.example");
  run();
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-forwarded-host"), IsEmpty());
}

TEST_F(ClientIp, ContinuesForwardedWhereThatIsTheHeader) {
  exchange_.from("10.0.0.1").with("Forwarded", "for=\"[2001:db8::1]:9\";proto=https");
  run("{trusted_proxies: [10.0.0.0/8], forwarded: forwarded}");
  EXPECT_EQ(client(), "2001:db8::1");
  EXPECT_EQ(exchange_.field("forwarded"), "for=\"[2001:db8::1]:9\";proto=https, for=10.0.0.1");
  EXPECT_EQ(exchange_.field("x-real-ip"), "2001:db8::1");
}

TEST_F(ClientIp, WritesIpv6IntoForwardedQuoted) {
  exchange_.from("2001:db8::5");
  run("{forwarded: forwarded}");
  EXPECT_EQ(exchange_.field("forwarded"), "for=\"[2001:db8::5]\"");
  EXPECT_EQ(exchange_.field("x-forwarded-for"), "2001:db8::5");
}

TEST_F(ClientIp, WalksNowhereWhenToldSo) {
  exchange_.from("10.0.0.1").with("X-Forwarded-For", "8.8.8.8");
  run("{trusted_proxies: [10.0.0.0/8], forwarded: none}");
  EXPECT_EQ(client(), "10.0.0.1");
  EXPECT_TRUE(exchange_.view.peer_trusted);
}

TEST_F(ClientIp, S15_RefusesConnectionsThatNameAFieldOfOurs) {
  for (const char* value : {"X-Forwarded-For", "close, x-real-ip", "keep-alive,X_Forwarded_Proto", "host",
                            "x-request-id", "Traceparent", "via", "CF-IPCountry", "rhumb-epoch", "x-region"}) {
    TestExchange fresh;
    fresh.with("Connection", "close").with("Connection", value);
    const auto chain = testing::build_gateway(kGeo);
    const Verdict verdict = fresh.run(*chain);
    EXPECT_EQ(verdict.kind(), Verdict::Kind::fail) << value;
    EXPECT_EQ(verdict.fault().kind, base::FaultKind::bad_request);
  }
  exchange_.with("Connection", "keep-alive, x-custom, upgrade");
  EXPECT_EQ(run(), Verdict::Kind::next);
}

// Everything a client could try to be someone else with, in the spellings a server behind us may take for the same.
std::vector<std::string> spoofs() {
  const std::vector<std::string> names = {
      "x-forwarded-for",    "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port",  "x-forwarded-server",
      "x-forwarded-prefix", "x-forwarded",       "x-real-ip",        "forwarded",         "x-geo-country",
      "x-geo-region",       "x-geo-city",        "x-region",         "x-region-endpoint", "rhumb-session",
      "cf-ipcountry",       "cf-iplatitude",     "x-request-id"};
  std::vector<std::string> all;
  for (const std::string& name : names) {
    std::string upper = name, title = name, under = name, mixed = name;
    bool first = true, other = false;
    for (size_t i = 0; i < name.size(); ++i) {
      const bool letter = base::is_alpha(name[i]);
      if (letter) upper[i] = static_cast<char>(name[i] & ~0x20);
      if (letter && first) title[i] = upper[i];
      first = !letter;
      if (name[i] == '-') under[i] = '_', mixed[i] = (other = !other) ? '_' : '-';
      if (letter && i % 2 == 0) mixed[i] = upper[i];
    }
    all.insert(all.end(), {name, upper, title, under, mixed});
  }
  return all;
}

TEST(SpoofMatrix, S14_NothingOfAnUntrustedClientReachesTheUpstream) {
  const auto chain = testing::build_gateway(kGeo);
  ASSERT_GE(spoofs().size(), 60u);
  for (const std::string& name : spoofs()) {
    TestExchange exchange;
    exchange.with("Accept", "*/*").with(name, "6.6.6.6").with(name, "7.7.7.7");
    ASSERT_EQ(exchange.run(*chain).kind(), Verdict::Kind::next);
    EXPECT_EQ(exchange.view.facts.client, exchange.view.peer) << name;
    for (const http::Field& field : exchange.request.fields.all()) {
      if (field.id == http::FieldId::removed) continue;
      EXPECT_EQ(field.value.find("6.6.6.6"), std::string_view::npos) << name;
      EXPECT_EQ(field.value.find("7.7.7.7"), std::string_view::npos) << name;
    }
    EXPECT_EQ(exchange.field("accept"), "*/*");
  }
}

TEST(SpoofMatrix, S14_ATrustedPeersFieldsStayButForAliases) {
  const auto chain = testing::build_gateway(kGeo);
  for (const std::string& name : spoofs()) {
    TestExchange exchange;
    exchange.from("10.0.0.1").with(name, "203.0.113.9");
    ASSERT_EQ(exchange.run(*chain).kind(), Verdict::Kind::next);
    const bool alias = name.find('_') != std::string::npos;
    const bool walked = base::iequals(name, "x-forwarded-for");
    EXPECT_EQ(exchange.view.facts.client.to_string(), walked ? "203.0.113.9" : "10.0.0.1") << name;
    // These are rewritten by what the gateway knows itself.
    if (base::iequals(name, "x-real-ip") || base::iequals(name, "x-forwarded-proto")) continue;
    const auto left = TestExchange::values(exchange.request.fields, name);
    ASSERT_EQ(left.size(), alias ? 0u : 1u) << name;
    EXPECT_TRUE(alias || left[0].starts_with("203.0.113.9")) << name;
  }
}

}  // namespace
}  // namespace rhumb::filters
