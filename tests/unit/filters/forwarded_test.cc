// SPDX-License-Identifier: Apache-2.0
#include "filters/forwarded.h"

#include <gtest/gtest.h>

#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::ip;
using testing::TestExchange;
using Which = config::GeoSpec::Forwarded;

std::string hop(std::string_view text) {
  const auto address = parse_hop(text);
  return address ? address->to_string() : "-";
}
std::string element(std::string_view text) {
  const auto address = parse_forwarded_element(text);
  return address ? address->to_string() : "-";
}

TEST(Forwarded, ReadsAHopWithAndWithoutPort) {
  EXPECT_EQ(hop("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(hop("192.0.2.1:8080"), "192.0.2.1");
  EXPECT_EQ(hop("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(hop("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(hop("[2001:db8::1]:443"), "2001:db8::1");
  EXPECT_EQ(hop("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(hop("[::ffff:192.0.2.1]:1"), "192.0.2.1");
}

TEST(Forwarded, RefusesWhatIsNoHop) {
  for (const char* text : {"",
                           "unknown",
                           "_hidden",
                           "192.0.2",
                           "192.0.2.256",
                           "192.0.2.1:",
                           "192.0.2.1:x",
                           "192.0.2.1:65536",
                           "192.0.2.1:123456",
                           "192.0.2.01",
                           "[192.0.2.1]",
                           "[192.0.2.1]:80",
                           "[2001:db8::1",
                           "[2001:db8::1]x",
                           "[2001:db8::1]:",
                           "[]",
                           "fe80::1%eth0",
                           "192.0.2.1 ",
                           "192.0.2.1\n",
                           "example.org",
                           "0x7f000001",
                           ":80"})
    EXPECT_EQ(hop(text), "-") << text;
}

TEST(Forwarded, ReadsTheForOfAnElement) {
  EXPECT_EQ(element("for=192.0.2.60"), "192.0.2.60");
  EXPECT_EQ(element("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(element("proto=https;FOR=\"192.0.2.60:4711\""), "192.0.2.60");
  EXPECT_EQ(element("for=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(element("host=\"a;b,c\";for=192.0.2.60"), "192.0.2.60");
  EXPECT_EQ(element("host=\"a\\\"b\";for=192.0.2.60"), "192.0.2.60");
  EXPECT_EQ(element("for=[2001:db8::1]:80"), "2001:db8::1");
}

TEST(Forwarded, RefusesElementsWithoutOneClearAddress) {
  for (const char* text : {"", "for", "for=", "for=unknown", "for=_gazonk", "for=\"_gazonk\"", "by=192.0.2.1",
                           "for=192.0.2.1;for=192.0.2.2", "for=\"192.0.2.1", "for=\"192.0.2.1\"x", "for=192.0.2.1;",
                           ";for=192.0.2.1", "for =192.0.2.1", "for= 192.0.2.1", "for=192.0.2.1 ;proto=http",
                           "for=2001:db8::1", "for=\"2001:db8::1\"", "for=\"192.0.2\\.1\"", "=192.0.2.1"})
    EXPECT_EQ(element(text), "-") << text;
}

TEST(Forwarded, TakesElementsFromTheRightWhateverStandsLeft) {
  std::string_view list = "for=\"evil, for=192.0.2.1;host=\"a,b\\\",c\" , for=192.0.2.2";
  EXPECT_EQ(take_last_element(list), "for=192.0.2.2");
  EXPECT_EQ(take_last_element(list), "for=192.0.2.1;host=\"a,b\\\",c\"");
  EXPECT_EQ(take_last_element(list), "for=\"evil");
  EXPECT_EQ(list, "");
}

class Walk : public ::testing::Test {
 protected:
  std::string client(Which which = Which::x_forwarded_for, const char* peer = "10.0.0.1") {
    return walk(exchange_.request.fields, which, ip(peer), trusted_).to_string();
  }
  void xff(std::string_view value) { exchange_.with("X-Forwarded-For", value); }
  void forwarded(std::string_view value) { exchange_.with("Forwarded", value); }

  TestExchange exchange_;
  base::PrefixSet trusted_{{*base::Cidr::parse("10.0.0.0/8"), *base::Cidr::parse("2001:db8:ffff::/48")}};
};

TEST_F(Walk, WithoutTheHeaderThePeerIsTheClient) {
  EXPECT_EQ(client(), "10.0.0.1");
  EXPECT_EQ(client(Which::forwarded), "10.0.0.1");
}

TEST_F(Walk, StopsAtTheFirstUntrustedEntryFromTheRight) {
  xff("1.1.1.1, 203.0.113.9, 10.0.0.2, 10.0.0.3");
  EXPECT_EQ(client(), "203.0.113.9");
}

TEST_F(Walk, JoinsFieldsInOrder) {
  xff("1.1.1.1");
  exchange_.with("Accept", "*/*");
  xff("203.0.113.9");
  xff("10.0.0.2");
  EXPECT_EQ(client(), "203.0.113.9");
}

TEST_F(Walk, GoesToTheLeftEndWhenAllAreTrusted) {
  xff("10.9.9.9, 10.0.0.2");
  EXPECT_EQ(client(), "10.9.9.9");
}

TEST_F(Walk, StopsAtWhatIsNoAddress) {
  for (const char* junk : {"unknown", "", "1.2.3.4.5", "localhost", "203.0.113.9 203.0.113.10"}) {
    exchange_.request.fields.clear();
    xff("203.0.113.9, " + std::string(junk) + ", 10.0.0.7");
    EXPECT_EQ(client(), "10.0.0.7") << junk;
  }
}

TEST_F(Walk, ReadsAtMostSixteenHops) {
  std::string list = "203.0.113.9";
  for (int i = 1; i <= 20; ++i) list += ", 10.0.1." + std::to_string(i);
  xff(list);
  EXPECT_EQ(client(), "10.0.1.5");  // the sixteenth from the right
}

TEST_F(Walk, NeedsNoSpacesAndTakesTabs) {
  xff("203.0.113.9,10.0.0.2\t,\t10.0.0.3");
  EXPECT_EQ(client(), "203.0.113.9");
}

TEST_F(Walk, S29_AnElementOfTooManyPairsEndsIt) {
  std::string pairs = "for=203.0.113.9";
  for (int i = 1; i < kMaxPairs; ++i) pairs += ";a=1";
  forwarded(pairs + ", for=10.0.0.2");
  EXPECT_EQ(client(Which::forwarded), "203.0.113.9");
  exchange_.request.fields.clear();
  forwarded(pairs + ";a=1, for=10.0.0.2");
  EXPECT_EQ(client(Which::forwarded), "10.0.0.2") << "as any that is malformed";
}

TEST_F(Walk, NormalisesMappedAddresses) {
  xff("203.0.113.9, ::ffff:10.0.0.2");
  EXPECT_EQ(client(), "203.0.113.9");
}

TEST_F(Walk, ReadsForwardedWithIpv6HopsAndQuotes) {
  forwarded("for=1.1.1.1, for=\"[2001:db8::9]:5\";host=\"a,b\", for=\"[2001:db8:ffff::1]\"");
  forwarded("for=10.0.0.2;proto=https");
  EXPECT_EQ(client(Which::forwarded), "2001:db8::9");
}

TEST_F(Walk, UnknownAndObfuscatedHopsEndIt) {
  forwarded("for=203.0.113.9, for=unknown, for=10.0.0.2");
  EXPECT_EQ(client(Which::forwarded), "10.0.0.2");
}

TEST_F(Walk, AnUnbalancedQuoteOfTheClientCannotHideWhatTheProxyWrote) {
  forwarded("for=\"evil, for=203.0.113.9");
  EXPECT_EQ(client(Which::forwarded), "203.0.113.9");
  exchange_.request.fields.clear();
  forwarded("for=1.1.1.1;host=\"x\\\", for=203.0.113.9, for=10.0.0.2");
  EXPECT_EQ(client(Which::forwarded), "203.0.113.9");
}

TEST_F(Walk, ReadsOnlyTheHeaderThatIsConfigured) {
  xff("203.0.113.9");
  forwarded("for=203.0.113.10");
  EXPECT_EQ(client(), "203.0.113.9");
  EXPECT_EQ(client(Which::forwarded), "203.0.113.10");
  EXPECT_EQ(client(Which::none), "10.0.0.1");
}

}  // namespace
}  // namespace rhumb::filters
