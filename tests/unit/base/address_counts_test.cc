// SPDX-License-Identifier: Apache-2.0
#include "base/address_counts.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace rhumb::base {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

TEST(AddressCounts, AnAddressHasAtMostItsLimit) {
  AddressCounts counts;
  auto first = counts.enter(ip("192.0.2.1"), 2), second = counts.enter(ip("192.0.2.1"), 2);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(counts.enter(ip("192.0.2.1"), 2));
  EXPECT_FALSE(counts.enter(ip("::ffff:192.0.2.1"), 2)) << "the same client";
  EXPECT_TRUE(counts.enter(ip("192.0.2.2"), 2)) << "another one";
  first.reset();
  EXPECT_TRUE(counts.enter(ip("192.0.2.1"), 2));
}

TEST(AddressCounts, Ipv6CountsByItsSlash64) {
  AddressCounts counts;
  auto place = counts.enter(ip("2001:db8:0:1::1"), 1);
  EXPECT_TRUE(place);
  EXPECT_FALSE(counts.enter(ip("2001:db8:0:1:ffff::2"), 1));
  EXPECT_TRUE(counts.enter(ip("2001:db8:0:2::1"), 1));
}

TEST(AddressCounts, APlaceMovesAndIsGivenBackOnce) {
  AddressCounts counts;
  {
    auto place = counts.enter(ip("192.0.2.1"), 1);
    const AddressCounts::Place moved = std::move(*place);
    place.reset();
    EXPECT_FALSE(counts.enter(ip("192.0.2.1"), 1));
  }
  EXPECT_TRUE(counts.enter(ip("192.0.2.1"), 1));
  const AddressCounts::Place nowhere;
  EXPECT_EQ(counts.addresses(), 0u);
}

TEST(AddressCounts, S31_ManyAddressesLeaveNothingBehind) {
  AddressCounts counts;
  Random random(31);
  std::vector<AddressCounts::Place> open;
  for (int round = 0; round < 10'000; ++round) {  // ten million in all
    for (int i = 0; i < 1000; ++i) {
      const uint64_t bits = random.next();
      std::array<uint8_t, 16> bytes{0x20, 0x01};
      for (size_t j = 2; j < 8; ++j) bytes[j] = static_cast<uint8_t>(bits >> (8 * j));
      auto place = counts.enter(i % 2 == 0 ? IpAddress::v4(static_cast<uint32_t>(bits)) : IpAddress::v6(bytes), 1);
      if (place) open.push_back(std::move(*place));
    }
    EXPECT_LE(counts.addresses(), open.size());
    open.clear();
    ASSERT_EQ(counts.addresses(), 0u);
  }
  EXPECT_FALSE(counts.enter(ip("192.0.2.1"), 0));
  EXPECT_EQ(counts.addresses(), 0u);
}

}  // namespace
}  // namespace rhumb::base
