// SPDX-License-Identifier: Apache-2.0
#include "proxy/listener.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::comes_true;
using testing::Gateway;
using testing::get;
using testing::listener;
using testing::ok;
using testing::one_region;
using testing::Upstream;
using testing::Wire;

const auto kFine = Upstream::always(ok("fine"));

TEST(Listener, AcceptsEveryoneWhoCame) {
  Upstream upstream(kFine);
  Gateway gateway(listener("") + one_region(upstream));
  std::vector<Wire> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(gateway.dial());
  for (Wire& client : clients) ASSERT_TRUE(client.send(get()));
  for (Wire& client : clients) ASSERT_EQ(client.read_response().body, "fine");
  EXPECT_EQ(gateway.cells().accepted.get(), 200u);
  EXPECT_EQ(gateway.cells().connections.get(), 200u);
  clients.clear();
  EXPECT_TRUE(comes_true([&] { return gateway.cells().connections.get() == 0; }));
}

TEST(Listener, BeyondItsLimitConnectionsWaitUntilOneEnds) {
  Upstream upstream(kFine);
  Gateway gateway(listener(", max_connections: 2") + one_region(upstream));
  Wire first = gateway.dial(), second = gateway.dial(), third = gateway.dial();
  EXPECT_EQ(first.exchange(get()).body, "fine");
  EXPECT_EQ(second.exchange(get()).body, "fine");
  ASSERT_TRUE(third.send(get()));
  EXPECT_TRUE(third.silent_for(std::chrono::milliseconds(120)));
  EXPECT_EQ(gateway.cells().connections.get(), 2u);
  first.close();
  EXPECT_EQ(third.read_response().body, "fine");
  EXPECT_EQ(gateway.cells().accepted.get(), 3u);
}

TEST(Listener, OfTwoEachServesUnderItsOwnLimits) {
  Upstream upstream(kFine);
  Gateway gateway(
      "listeners: [{name: a, address: \"127.0.0.1:0\", max_requests: 1}, {name: b, address: \"127.0.0.2:0\"}]\n" +
      one_region(upstream));
  EXPECT_EQ(gateway.dial(0).exchange(get()).field("connection"), "close");
  EXPECT_EQ(gateway.dial(1).exchange(get()).field("connection"), "");
}

TEST(Listener, WithoutDescriptorsItCountsAndComesBack) {
  Upstream upstream(kFine);
  Gateway gateway(listener("") + one_region(upstream));
  Wire known = gateway.dial();
  EXPECT_EQ(known.exchange(get()).body, "fine");
  Wire late = gateway.dial();
  EXPECT_TRUE(comes_true([&] { return gateway.cells().accepted.get() == 2; }));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  net::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));  // while there still is one
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_storage storage{};
  const socklen_t size = gateway.address().fill(storage);
  const int connected = ::connect(socket.get(), reinterpret_cast<sockaddr*>(&storage), size);
  const bool counted = comes_true([&] { return gateway.cells().accept_errors.get() > 0; });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(connected, 0);
  EXPECT_TRUE(counted);
  Wire waiting(std::move(socket));
  EXPECT_EQ(waiting.exchange(get()).body, "fine") << "taken in once there are descriptors again";
  EXPECT_EQ(known.exchange(get()).body, "fine");
}

}  // namespace
}  // namespace rhumb::proxy
