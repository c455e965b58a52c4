// SPDX-License-Identifier: Apache-2.0
#include "http/uri.h"

#include <gtest/gtest.h>

#include "http_testing.h"

namespace rhumb::http {
namespace {

class UriTest : public ::testing::Test {
 protected:
  std::string host(std::string_view authority) {
    const auto result = canonical_host(authority, memory_.arena);
    if (!result) return std::string(base::info(result.error().kind).name);
    return std::string(result->host) + (result->port ? " " + std::to_string(*result->port) : "");
  }
  testing::Memory memory_;
};

TEST_F(UriTest, HostsAreLowerCaseWithoutPortAndLastDot) {
  EXPECT_EQ(host("Shop.Example:8080"), "shop.example 8080");
  EXPECT_EQ(host("shop.example."), "shop.example");
  EXPECT_EQ(host("SHOP.example.:80"), "shop.example 80");
  EXPECT_EQ(host("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(host("a_b-c.example"), "a_b-c.example");
}

TEST_F(UriTest, Ipv6HostsHaveOneSpelling) {
  EXPECT_EQ(host("[2001:DB8::1]"), "[2001:db8::1]");
  EXPECT_EQ(host("[2001:db8:0:0:0:0:0:1]:443"), "[2001:db8::1] 443");
  EXPECT_EQ(host("[::FFFF:192.0.2.1]"), "[::ffff:192.0.2.1]");
}

TEST_F(UriTest, AHostThatIsCanonicalIsTheArgumentItself) {
  const std::string_view text = "shop.example:80";
  EXPECT_EQ(canonical_host(text, memory_.arena)->host.data(), text.data());
}

TEST_F(UriTest, NoAuthorityHasNoHost) { EXPECT_EQ(host(""), ""); }

TEST_F(UriTest, WhatIsNoHostAndPortIsRefused) {
  for (std::string_view text : {":",        ":80",         "a:",        "a:0",         "a:65536",
                                "a:999999", "a:-1",        "a:8o",      "a b",         "a,b",
                                "a/b",      "a@b",         "a?b",       "a#b",         "a\\b",
                                "a%41",     "[",           "[]",        "[::1",        "::1",
                                "[::1]x",   "[::1]:",      "[1.2.3.4]", "[fe80::1%1]", "[fe80::1%25en0]",
                                "[v1.a]",   ".",           "..",        ".a",          "a..",
                                "a..b",     "caf\xc3\xa9", "*",         "a;b",         "a!b",
                                "a(b)",     "a'b",         "[::1]]",    "[[::1]]"})
    EXPECT_EQ(host(text), "bad_request") << text;
  EXPECT_EQ(host(std::string_view("a\0b", 3)), "bad_request");
}

TEST_F(UriTest, QueriesAreSearchedRaw) {
  const std::string_view query = "a=1&b&c=&a=2&d=x=y&%61=3&&=5";
  EXPECT_EQ(find_query(query, "a"), "1");
  EXPECT_EQ(find_query(query, "b"), "");
  EXPECT_EQ(find_query(query, "c"), "");
  EXPECT_EQ(find_query(query, "d"), "x=y");
  EXPECT_EQ(find_query(query, "%61"), "3");
  EXPECT_EQ(find_query(query, "A"), std::nullopt);
  EXPECT_EQ(find_query(query, "e"), std::nullopt);
  EXPECT_EQ(find_query("", "a"), std::nullopt);
}

std::string pairs_of(std::string_view query) {
  std::string out;
  QueryReader reader(query);
  while (const auto pair = reader.next()) out += std::string(pair->key) + "=" + std::string(pair->value) + "|";
  return out;
}

TEST_F(UriTest, QueriesAreReadAPairAtATime) {
  EXPECT_EQ(pairs_of("a=1&b&c=&a=2&d=x=y"), "a=1|b=|c=|a=2|d=x=y|");
  EXPECT_EQ(pairs_of("&&a&&=1&=&b&"), "a=|=1|=|b=|");
  EXPECT_EQ(pairs_of(""), "");
  EXPECT_EQ(pairs_of({}), "");
  EXPECT_EQ(pairs_of("&&&"), "");
  EXPECT_EQ(pairs_of(testing::Exact("a=")), "a=|");
  EXPECT_EQ(pairs_of(testing::Exact("a")), "a=|");
}

}  // namespace
}  // namespace rhumb::http
