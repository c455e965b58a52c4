// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

namespace rhumb::net {
namespace {

base::SocketAddress loopback(uint16_t port) { return {*base::IpAddress::parse("127.0.0.1"), port}; }

int finished_error(const Connecting& c) {
  pollfd ready{c.fd.get(), POLLOUT, 0};
  EXPECT_EQ(::poll(&ready, 1, 5000), 1);
  return connect_error(c.fd.get());
}

TEST(Socket, ReusePortLetsASecondListenerShareThePort) {
  auto first = listen_tcp(loopback(0), 8);
  ASSERT_TRUE(first.has_value());
  const base::SocketAddress at = local_address(first->get());
  auto second = listen_tcp(at, 8);
  ASSERT_TRUE(second.has_value()) << second.error();
  EXPECT_EQ(local_address(second->get()).port, at.port);
}

TEST(Socket, AnAddressThatIsNotOursIsAReadableError) {
  auto fd = listen_tcp({*base::IpAddress::parse("192.0.2.1"), 1}, 8);
  ASSERT_FALSE(fd.has_value());
  EXPECT_NE(fd.error().find("bind 192.0.2.1:1"), std::string::npos) << fd.error();
}

TEST(Socket, ConnectingToNobodyIsRefused) {
  uint16_t port;
  {
    auto gone = listen_tcp(loopback(0), 1);
    port = local_address(gone->get()).port;
  }
  Connecting c = start_connect(loopback(port));
  EXPECT_EQ(c.result.status == IoStatus::error ? c.result.error : finished_error(c), ECONNREFUSED);
}

TEST(Socket, AcceptTellsThePeer) {
  auto listener = listen_tcp(loopback(0), 8);
  Connecting c = start_connect(local_address(listener->get()));
  EXPECT_EQ(finished_error(c), 0);
  Accepted accepted = accept_one(listener->get());
  ASSERT_TRUE(accepted.fd);
  EXPECT_EQ(accepted.peer, local_address(c.fd.get()));
  EXPECT_EQ(accept_one(listener->get()).error, EAGAIN);
}

/// How much the socket takes while nobody reads at its other end.
size_t fill(const Fd& from) {
  const std::string piece(16 * 1024, 'x');
  size_t all = 0;
  for (pollfd wait{from.get(), POLLOUT, 0}; ::poll(&wait, 1, 200) == 1;)
    all += send(from.get(), std::span<const char>(piece)).bytes;
  return all;
}
size_t unread(const Fd& at) {
  int bytes = 0;
  ::ioctl(at.get(), FIONREAD, &bytes);
  return static_cast<size_t>(bytes);
}

// S8: the kernel's own bound is 4 MiB.
TEST(Socket, S8_LittleIsQueuedForAPeerThatDoesNotRead) {
  auto listener = listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 1);
  ASSERT_TRUE(listener.has_value());
  const Fd connected = std::move(start_connect(local_address(listener->get())).fd);
  Fd accepted;
  while (!accepted) accepted = std::move(accept_one(listener->get()).fd);
  const size_t by_accepted = fill(accepted), by_connected = fill(connected);
  EXPECT_LE(by_accepted - unread(connected), 256u * 1024);
  EXPECT_LE(by_connected - unread(accepted), 256u * 1024);
}

TEST(Socket, AUnixListenerIsPrivateAndReplacesAStaleOne) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("rhumb-test-" + std::to_string(::getpid()) + ".sock");
  for (int i = 0; i < 2; ++i) {
    auto fd = listen_unix(path, 0600);
    ASSERT_TRUE(fd.has_value()) << fd.error();
    struct stat state {};
    ASSERT_EQ(::stat(path.c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777, 0600u);
  }
  ::unlink(path.c_str());
}

TEST(Socket, SaysThatAnAddressIsTaken) {
  auto listener = listen_tcp(loopback(0), 1);
  const base::SocketAddress at = local_address(listener->get());
  EXPECT_NE(why_taken(at).find("Address already in use"), std::string::npos);
  EXPECT_EQ(why_taken(loopback(0)), "");
  *listener = Fd();
  EXPECT_EQ(why_taken(at), "");
}

TEST(Socket, BindErrorTellsAForeignAddressFromOneInUse) {
  EXPECT_EQ(bind_error(loopback(0)), 0);
  EXPECT_EQ(bind_error(*base::SocketAddress::parse("192.0.2.7:0")), EADDRNOTAVAIL);
  const auto listener = listen_tcp(loopback(0), 1);
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(bind_error(local_address(listener->get())), EADDRINUSE);
}

TEST(Socket, AUnixListenerLeavesOneThatLivesAlone) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("rhumb-test-live-" + std::to_string(::getpid()) + ".sock");
  auto first = listen_unix(path, 0600);
  ASSERT_TRUE(first.has_value()) << first.error();
  const auto second = listen_unix(path, 0600);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find("already"), std::string::npos);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace rhumb::net
