// SPDX-License-Identifier: Apache-2.0
#include "proxy/sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace rhumb::proxy {
namespace {

using ::testing::Test;

const base::IpAddress kLoopback = *base::IpAddress::parse("127.0.0.1");

std::shared_ptr<const ListenerState> listener_at(const std::string& name, base::SocketAddress at = {kLoopback, 0}) {
  auto state = std::make_shared<ListenerState>();
  state->name = name;
  state->address = at;
  state->backlog = 16;
  return state;
}

std::vector<net::Inherited> inherited(const std::string& name, size_t count, bool shared = true) {
  std::vector<net::Inherited> out;
  base::SocketAddress at{kLoopback, 0};
  for (size_t i = 0; i < count; ++i) {
    auto fd = net::listen_tcp(at, 16);
    EXPECT_TRUE(fd.has_value());
    const int off = 0;
    if (!shared) ::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEPORT, &off, sizeof off);
    at = net::local_address(fd->get());
    out.push_back({name, std::move(*fd)});
  }
  return out;
}

TEST(Sockets, OneAWorkerAllOfOneAddress) {
  Sockets sockets(3);
  const Sockets::Listeners listeners{listener_at("web"), listener_at("other")};
  auto open = sockets.open(listeners);
  ASSERT_TRUE(open.has_value());
  sockets.settle(listeners);
  for (const auto& of_worker : *open) {
    ASSERT_EQ(of_worker.size(), 2u);
    EXPECT_EQ(net::local_address(of_worker[0].fd.get()), net::local_address((*open)[0][0].fd.get()));
  }
  EXPECT_EQ(sockets.of("web").size(), 3u);
  EXPECT_EQ(sockets.of("nobody").size(), 0u);
  const std::string at = net::local_address((*open)[0][0].fd.get()).to_string();
  EXPECT_TRUE(sockets.describe().starts_with("web=" + at + " other=127.0.0.1:")) << sockets.describe();
}

TEST(Sockets, WhatStaysIsNotOpenedAgainAndWhatGoesIsNamed) {
  Sockets sockets(1);
  const Sockets::Listeners before{listener_at("stays"), listener_at("goes")};
  auto first = sockets.open(before);
  sockets.settle(before);
  const Sockets::Listeners after{listener_at("stays"), listener_at("comes")};
  auto second = sockets.open(after);
  ASSERT_TRUE(second.has_value());
  ASSERT_EQ((*second)[0].size(), 1u);
  EXPECT_EQ((*second)[0][0].state->name, "comes");
  EXPECT_EQ(sockets.settle(after), std::vector<std::string>{"goes"});
  EXPECT_EQ(sockets.names(), (std::vector<std::string>{"stays", "comes"}));
}

TEST(Sockets, OneThatIsTakenChangesNothing) {
  const auto taken = net::listen_tcp({kLoopback, 0}, 16);
  Sockets sockets(1);
  const Sockets::Listeners before{listener_at("web")};
  auto first = sockets.open(before);
  sockets.settle(before);
  EXPECT_FALSE(sockets.open({listener_at("web"), listener_at("new", net::local_address(taken->get()))}).has_value());
  EXPECT_EQ(sockets.names(), std::vector<std::string>{"web"});
}

TEST(Sockets, InheritedOnesAreTakenAllAndMoreAreAdded) {
  for (const size_t count : {size_t{1}, size_t{2}, size_t{5}}) {
    Sockets sockets(2);
    auto given = inherited("web", count);
    const base::SocketAddress at = net::local_address(given[0].fd.get());
    const int first = given[0].fd.get();
    sockets.inherit(std::move(given));
    auto open = sockets.open({listener_at("web", at)});
    ASSERT_TRUE(open.has_value());
    EXPECT_EQ((*open)[0][0].fd.get(), first);
    EXPECT_EQ((*open)[0].size() + (*open)[1].size(), std::max(count, size_t{2}));
    EXPECT_TRUE(sockets.inherited().empty());
    for (const auto& of_worker : *open)
      for (const auto& one : of_worker) EXPECT_EQ(net::local_address(one.fd.get()), at);
  }
}

TEST(Sockets, OneThatCannotHaveASecondAtItsAddressIsShared) {
  Sockets sockets(2);
  auto given = inherited("web", 1, false);
  const base::SocketAddress at = net::local_address(given[0].fd.get());
  sockets.inherit(std::move(given));
  auto open = sockets.open({listener_at("web", at)});
  ASSERT_TRUE(open.has_value());
  EXPECT_NE((*open)[0][0].fd.get(), (*open)[1][0].fd.get());
  EXPECT_EQ(net::local_address((*open)[1][0].fd.get()), at);
}

TEST(Sockets, WhatNobodyWantsIsClosed) {
  Sockets sockets(1);
  sockets.inherit(inherited("old", 1));
  const base::SocketAddress at = net::local_address(sockets.inherited()[0].fd.get());
  sockets.drop_unclaimed();
  EXPECT_TRUE(sockets.inherited().empty());
  EXPECT_EQ(net::why_taken(at), "");
}

}  // namespace
}  // namespace rhumb::proxy
