// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>

#include "base/random.h"

namespace rhumb::base {
namespace {

IpAddress ip(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpAddress{});
}

Cidr cidr(std::string_view text) {
  const auto parsed = Cidr::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Cidr{});
}

TEST(IpAddress, IsUnspecifiedV4UntilToldOtherwise) {
  const IpAddress none;
  EXPECT_TRUE(none.is_v4());
  EXPECT_TRUE(none.is_unspecified());
  EXPECT_EQ(none.to_string(), "0.0.0.0");
}

TEST(IpAddress, WritesTheCanonicalTextOfRfc5952) {
  const struct {
    const char *from, *to;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:0db8::0001", "2001:db8::1"},
      {"2001:DB8::ABCD", "2001:db8::abcd"},
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"0:0:1:1:1:1:0:0", "::1:1:1:1:0:0"},
      {"0:1:0:0:0:0:0:0", "0:1::"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  };
  for (const auto& c : cases) EXPECT_EQ(ip(c.from).to_string(), c.to) << c.from;
}

TEST(IpAddress, WritesWhatTheSystemWouldAndReadsItBack) {
  Random random(5);
  for (int i = 0; i < 3000; ++i) {
    std::array<uint8_t, 16> bytes{0x20};  // not in the blocks that the system writes with a v4 tail
    for (size_t group = 1; group < 8; ++group) {
      if (random.below(2) == 0) continue;
      const uint64_t draw = random.next() >> (48 + random.below(16));
      bytes[2 * group] = static_cast<uint8_t>(draw >> 8);
      bytes[2 * group + 1] = static_cast<uint8_t>(draw);
    }
    const IpAddress address = IpAddress::v6(bytes);
    char expected[INET6_ADDRSTRLEN];
    ASSERT_NE(inet_ntop(AF_INET6, bytes.data(), expected, sizeof expected), nullptr);
    EXPECT_EQ(address.to_string(), expected);
    EXPECT_EQ(ip(expected), address);
  }
}

TEST(IpAddress, RefusesEverythingThatIsNotStrictlyOne) {
  const char* const bad[] = {
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.4.",
      ".1.2.3.4",
      "1..2.3",
      "256.1.1.1",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.04",
      "1.2.3.00",
      "0x7f.0.0.1",
      "1.2.3.4 ",
      " 1.2.3.4",
      "+1.2.3.4",
      "1.2.3.-4",
      "1.2.3.4/32",
      "1.2.3.4:80",
      "1.2.3.4444",
      "2130706433",
      "a.b.c.d",
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "12345::",
      "g::",
      "[::1]",
      "::1%lo",
      "fe80::1%25eth0",
      "::1 ",
      " ::1",
      "::01.2.3.4",
      "::1.2.3",
      "::1.2.3.256",
      "::1.2.3.4:5",
      "1.2.3.4::",
      "1:",
      ":1",
      "::1.2.3.4.5",
      "localhost",
      "1.2.3.4\n",
      "::1/128",
  };
  for (const char* text : bad) EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view("::1\0", 4)));
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(IpAddress::parse(std::string(100, ':')));
}

TEST(IpAddress, IsV4FromTheMomentAMappedOneIsRead) {
  const IpAddress plain = ip("192.0.2.7");
  for (const char* text : {"::ffff:192.0.2.7", "::FFFF:c000:207", "0:0:0:0:0:ffff:192.0.2.7"}) {
    EXPECT_TRUE(ip(text).is_v4()) << text;
    EXPECT_EQ(ip(text), plain) << text;
    EXPECT_EQ(ip(text).to_string(), "192.0.2.7") << text;
  }
  EXPECT_EQ(IpAddress::v6(plain.bytes()), plain);
  EXPECT_FALSE(ip("::192.0.2.7").is_v4());  // v4-compatible is something else
  EXPECT_FALSE(ip("::fffe:192.0.2.7").is_v4());
}

TEST(IpAddress, KnowsItsValueInHostOrder) {
  EXPECT_EQ(IpAddress::v4(0xc0000207).to_string(), "192.0.2.7");
  EXPECT_EQ(ip("192.0.2.7").v4_value(), 0xc0000207u);
}

TEST(IpAddressDeathTest, DiesWhenTheV4ValueOfAV6AddressIsAsked) {
  EXPECT_DEATH(static_cast<void>(ip("::1").v4_value()), "assertion failed");
}

TEST(IpAddress, KnowsLoopbackAndUnspecified) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(ip(text).is_loopback()) << text;
  for (const char* text : {"128.0.0.1", "126.255.255.255", "::", "::2", "1::1", "::127.0.0.1"})
    EXPECT_FALSE(ip(text).is_loopback()) << text;
  EXPECT_TRUE(ip("::").is_unspecified());
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_FALSE(ip("0.0.0.1").is_unspecified());
  EXPECT_FALSE(ip("1::").is_unspecified());
}

TEST(IpAddress, IsMaskedInItsOwnFamily) {
  const struct {
    const char* address;
    unsigned bits;
    const char* masked;
  } cases[] = {
      {"192.0.2.255", 0, "0.0.0.0"},
      {"192.0.2.255", 1, "128.0.0.0"},
      {"192.0.2.255", 23, "192.0.2.0"},
      {"192.0.3.255", 23, "192.0.2.0"},
      {"192.0.2.255", 30, "192.0.2.252"},
      {"192.0.2.255", 32, "192.0.2.255"},
      {"192.0.2.255", 99, "192.0.2.255"},
      {"2001:db8::ffff", 0, "::"},
      {"2001:db8::ffff", 20, "2001::"},
      {"2001:db8::ffff", 121, "2001:db8::ff80"},
      {"2001:db8::ffff", 128, "2001:db8::ffff"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(ip(c.address).masked(c.bits).to_string(), c.masked) << c.address << "/" << c.bits;
}

TEST(IpAddress, MaskedToNothingStillKnowsItsFamily) {
  EXPECT_TRUE(ip("192.0.2.1").masked(0).is_v4());
  EXPECT_FALSE(ip("2001:db8::1").masked(0).is_v4());
  EXPECT_NE(ip("192.0.2.1").masked(0), ip("2001:db8::1").masked(0));
}

TEST(IpAddress, ReadsSocketAddressesOfItsFamiliesOnly) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_EQ(IpAddress::from(reinterpret_cast<const sockaddr*>(&local)), IpAddress{});
  EXPECT_EQ(SocketAddress::from(reinterpret_cast<const sockaddr*>(&local)), SocketAddress{});
}

TEST(SocketAddress, SurvivesTheSystemsForm) {
  for (const char* text : {"192.0.2.1:80", "[2001:db8::1]:65535", "0.0.0.0:0"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    sockaddr_storage storage;
    const socklen_t size = address->fill(storage);
    EXPECT_EQ(size, address->ip.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    EXPECT_EQ(SocketAddress::from(reinterpret_cast<const sockaddr*>(&storage)), *address);
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(SocketAddress, SeesAMappedPeerAsV4) {
  sockaddr_in6 peer{};
  peer.sin6_family = AF_INET6;
  peer.sin6_port = htons(443);
  ASSERT_EQ(inet_pton(AF_INET6, "::ffff:192.0.2.1", &peer.sin6_addr), 1);
  EXPECT_EQ(SocketAddress::from(reinterpret_cast<const sockaddr*>(&peer)).to_string(), "192.0.2.1:443");
}

TEST(SocketAddress, RefusesEverythingThatIsNotStrictlyOne) {
  for (const char* text : {"",
                           ":",
                           ":80",
                           "1.2.3.4",
                           "1.2.3.4:",
                           "1.2.3.4:65536",
                           "1.2.3.4:080",
                           "1.2.3.4:00",
                           "1.2.3.4:+1",
                           "1.2.3.4:80 ",
                           "1.2.3.4:http",
                           "::1",
                           "::1:80",
                           "[::1]",
                           "[::1]:",
                           "[::1]80",
                           "[]:80",
                           "[1.2.3.4]:80",
                           "[::1:80",
                           "::1]:80",
                           "[[::1]]:80",
                           "localhost:80",
                           "1.2.3.4:-1"})
    EXPECT_FALSE(SocketAddress::parse(text)) << text;
}

TEST(Cidr, ReadsBlocksAndBareAddresses) {
  const struct {
    const char *text, *canonical;
  } cases[] = {
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"192.0.2.1", "192.0.2.1/32"},
      {"192.0.2.1/32", "192.0.2.1/32"},
      {"::/0", "::/0"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"::1", "::1/128"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
      {"::ffff:0:0/96", "0.0.0.0/0"},
      {"::ffff:192.0.2.1", "192.0.2.1/32"},
  };
  for (const auto& c : cases) EXPECT_EQ(cidr(c.text).to_string(), c.canonical);
}

TEST(Cidr, RefusesHostBitsAndOddForms) {
  for (const char* text : {"",
                           "/",
                           "/8",
                           "10.0.0.0/",
                           "10.0.0.1/8",
                           "10.0.0.0/33",
                           "10.0.0.0/08",
                           "10.0.0.0/+8",
                           "10.0.0.0/8/8",
                           "10.0.0.0/-1",
                           "10.0.0.0/255.0.0.0",
                           "10/8",
                           "10.0.0.0 /8",
                           "2001:db8::1/32",
                           "::/129",
                           "::ffff:10.0.0.0/8",
                           "::ffff:10.0.0.0/24",
                           "::ffff:10.0.0.1/104",
                           "::ffff:0:0/95",
                           "::1%lo/128",
                           "[::1]/128"})
    EXPECT_FALSE(Cidr::parse(text)) << text;
}

TEST(Cidr, ContainsItsFirstAndLastAddressAndNothingAround) {
  const Cidr block = cidr("10.1.16.0/20");
  EXPECT_TRUE(block.contains(ip("10.1.16.0")));
  EXPECT_TRUE(block.contains(ip("10.1.31.255")));
  EXPECT_TRUE(block.contains(ip("::ffff:10.1.16.1")));
  EXPECT_FALSE(block.contains(ip("10.1.15.255")));
  EXPECT_FALSE(block.contains(ip("10.1.32.0")));
  EXPECT_TRUE(cidr("2001:db8::/127").contains(ip("2001:db8::1")));
  EXPECT_FALSE(cidr("2001:db8::/127").contains(ip("2001:db8::2")));
}

TEST(Cidr, KeepsTheFamiliesApart) {
  EXPECT_FALSE(cidr("::/0").contains(ip("10.0.0.1")));
  EXPECT_FALSE(cidr("0.0.0.0/0").contains(ip("::1")));
  EXPECT_TRUE(cidr("::/0").contains(ip("::1")));
  EXPECT_TRUE(cidr("0.0.0.0/0").contains(ip("::ffff:1.2.3.4")));
}

TEST(PrefixSet, ContainsNothingWhenEmpty) {
  EXPECT_TRUE(PrefixSet().empty());
  EXPECT_FALSE(PrefixSet().contains(ip("10.0.0.1")));
  EXPECT_FALSE(PrefixSet().contains(ip("::")));
}

TEST(PrefixSet, LetsNoWideV6BlockSwallowV4) {
  for (const char* wide : {"::/0", "::/64", "::/80", "::fffe:0:0/95"}) {
    const PrefixSet set({cidr(wide)});
    for (const char* v4 : {"0.0.0.0", "10.0.0.1", "255.255.255.255"})
      EXPECT_FALSE(set.contains(ip(v4))) << wide << " " << v4;
    EXPECT_TRUE(set.contains(ip("::fffe:ffff:ffff"))) << wide;
  }
  EXPECT_TRUE(PrefixSet({cidr("::/64")}).contains(ip("::1:0:0:0")));
  EXPECT_TRUE(PrefixSet({cidr("::/0"), cidr("10.0.0.0/8")}).contains(ip("10.0.0.1")));
}

/// Addresses and blocks from a small universe, so that they meet often: two v4 and three v6 neighbourhoods.
IpAddress near(Random& random) {
  static const char* const kHomes[] = {
      "10.0.0.0",         "0.0.0.0",   "255.255.255.0", "::",
      "::fffe:ffff:ff00", "::1:0:0:0", "2001:db8::",    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00"};
  const IpAddress home = *IpAddress::parse(kHomes[random.below(std::size(kHomes))]);
  auto bytes = home.bytes();
  bytes[15] = static_cast<uint8_t>(random.below(256));
  if (random.below(4) == 0) bytes[14] = static_cast<uint8_t>(random.below(4));
  return IpAddress::v6(bytes);
}

Cidr block_near(Random& random) {
  const IpAddress address = near(random);
  const unsigned most = address.is_v4() ? 32 : 128;
  const auto bits = static_cast<uint8_t>(random.below(8) == 0 ? random.below(most + 1) : most - random.below(9));
  return {address.masked(bits), bits};
}

TEST(PrefixSet, AgreesWithAskingEveryBlock) {
  Random random(17);
  for (int round = 0; round < 300; ++round) {
    std::vector<Cidr> blocks(random.below(12));
    for (Cidr& block : blocks) block = block_near(random);
    const PrefixSet set(blocks);
    EXPECT_EQ(set.empty(), blocks.empty());
    for (int i = 0; i < 200; ++i) {
      const IpAddress address = near(random);
      bool expected = false;
      for (const Cidr& block : blocks) expected |= block.contains(address);
      ASSERT_EQ(set.contains(address), expected) << address.to_string() << " in round " << round;
    }
  }
}

TEST(IpAddress, IsKnownByItsNetworkWhereTheAddressMustNotBeKept) {
  EXPECT_EQ(IpAddress::parse("198.51.100.77")->network().to_string(), "198.51.100.0");
  EXPECT_EQ(IpAddress::parse("2001:db8:1:2:3::4")->network().to_string(), "2001:db8:1::");
}

}  // namespace
}  // namespace rhumb::base
