// SPDX-License-Identifier: Apache-2.0
#include "proxy/address_shares.h"

#include <gtest/gtest.h>

#include <optional>

namespace rhumb::proxy {
namespace {

base::IpAddress ip(std::string_view text) { return *base::IpAddress::parse(text); }

class AddressSharesTest : public ::testing::Test {
 protected:
  base::ManualClock clock_;
  net::Loop loop_{clock_};
  AddressShares shares_{loop_};
};

TEST_F(AddressSharesTest, ConnectionsOfOneAddressHaveOneShare) {
  const auto first = shares_.of(ip("192.0.2.1")), second = shares_.of(ip("192.0.2.1"));
  const auto other = shares_.of(ip("192.0.2.2"));
  EXPECT_EQ(first.share(), second.share());
  EXPECT_NE(first.share(), other.share());
  EXPECT_EQ(shares_.addresses(), 2u);
}

TEST_F(AddressSharesTest, AnIpv6ClientCountsByItsNetwork) {
  const auto first = shares_.of(ip("2001:db8:1:2::1")), second = shares_.of(ip("2001:db8:1:2:ffff::9"));
  const auto other = shares_.of(ip("2001:db8:1:3::1"));
  EXPECT_EQ(first.share(), second.share());
  EXPECT_NE(first.share(), other.share());
}

TEST_F(AddressSharesTest, OneApartSharesWithNobody) {
  const auto first = shares_.apart(), second = shares_.apart();
  EXPECT_NE(first.share(), second.share());
  EXPECT_EQ(shares_.addresses(), 0u);
}

TEST_F(AddressSharesTest, AnAddressThatLeftHoldsNothing) {
  {
    std::optional<AddressShares::Ref> first(shares_.of(ip("192.0.2.1")));
    const auto second = shares_.of(ip("192.0.2.1"));
    first.reset();
    EXPECT_EQ(shares_.addresses(), 1u);
  }
  EXPECT_EQ(shares_.addresses(), 0u);
  loop_.turn(base::Micros(0));
  EXPECT_EQ(shares_.of(ip("192.0.2.1")).share() != nullptr, true) << "and comes again";
}

TEST_F(AddressSharesTest, AShareOutlivesItsLastUserUntilTheEndOfTheTurn) {
  struct Leaving final : net::Task {
    std::optional<AddressShares::Ref> share;
    void run() noexcept override { share.reset(); }
  };
  Leaving task;
  task.share.emplace(shares_.of(ip("192.0.2.1")));
  loop_.tasks().add(task, task.share->share());
  loop_.turn(base::Micros(0));
  EXPECT_FALSE(task.share.has_value());
  EXPECT_FALSE(loop_.tasks().waiting());
}

}  // namespace
}  // namespace rhumb::proxy
