// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange_name.h"

#include <gtest/gtest.h>

namespace rhumb::proxy {
namespace {

TEST(ExchangeName, SaysWhoAskedForWhat) {
  ExchangeName name;
  name.set(*base::IpAddress::parse("192.0.2.7"), "GET", "example.com", "/a/b");
  EXPECT_EQ(name.text(), "192.0.2.7 GET example.com/a/b");
  name.set(*base::IpAddress::parse("2001:db8::1"), "POST", "", "/");
  EXPECT_EQ(name.text(), "2001:db8::1 POST /") << "nothing of the one before is left";
}

TEST(ExchangeName, WhatDoesNotFitIsCut) {
  ExchangeName name;
  name.set(*base::IpAddress::parse("192.0.2.7"), "GET", std::string(253, 'h'), "/" + std::string(8000, 'p'));
  const std::string text = name.text();
  EXPECT_EQ(text.substr(0, 16), "192.0.2.7 GET hh");
  EXPECT_LE(text.size(), 10u + 80u);
}

TEST(ExchangeName, WithoutARequestItIsAnAddressAlone) { EXPECT_EQ(ExchangeName().text(), ":: "); }

}  // namespace
}  // namespace rhumb::proxy
