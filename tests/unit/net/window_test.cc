// SPDX-License-Identifier: Apache-2.0
#include "net/window.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "net/socket.h"

namespace rhumb::net {
namespace {

struct Pair {
  explicit Pair(bool bounded_listener = true) {
    auto made = listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 1);
    EXPECT_TRUE(made.has_value());
    Fd listener = std::move(*made);
    const int much = 1 << 20;
    if (!bounded_listener) ::setsockopt(listener.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &much, sizeof much);
    ours = start_connect(local_address(listener.get())).fd;
    pollfd wait{listener.get(), POLLIN, 0};
    ::poll(&wait, 1, 5000);
    theirs = accept_one(listener.get()).fd;
    EXPECT_TRUE(ours && theirs);
  }
  /// How much `from` takes until nothing more goes.
  static size_t fill(const Fd& from, int patience = 100) {
    const std::string piece(16 * 1024, 'x');
    size_t all = 0;
    for (pollfd wait{from.get(), POLLOUT, 0}; ::poll(&wait, 1, patience) == 1;) {
      const IoResult r = send(from.get(), std::span<const char>(piece));
      if (r.status == IoStatus::error) return all;
      all += r.bytes;
    }
    return all;
  }
  /// So many bytes are sent and read.
  static void carry(const Fd& from, const Fd& to, size_t bytes) {
    std::string room(1 << 20, '\0');
    size_t taken = 0;
    while (taken < bytes) {
      fill(from, 0);
      pollfd wait{to.get(), POLLIN, 0};
      ASSERT_EQ(::poll(&wait, 1, 5000), 1);
      const IoResult r = receive(to.get(), room);
      ASSERT_EQ(r.status, IoStatus::ok);
      taken += r.bytes;
    }
  }
  static size_t unread(const Fd& at) {
    int bytes = 0;
    ::ioctl(at.get(), FIONREAD, &bytes);
    return static_cast<size_t>(bytes);
  }
  Fd ours, theirs;
};

TEST(Window, BothEndsQueueLittleForAPeerThatDoesNotRead) {
  Pair accepted;
  const size_t sent = Pair::fill(accepted.theirs);
  EXPECT_LE(sent - Pair::unread(accepted.ours), 128u * 1024) << "an accepted one";
  Pair connected;
  const size_t ours = Pair::fill(connected.ours);
  EXPECT_LE(ours - Pair::unread(connected.theirs), 128u * 1024) << "one that connected";
}

TEST(Window, ABoundedOneStaysSmallHoweverMuchIsRead) {
  Pair free(false), bounded(false);
  bound_unread(bounded.ours.get(), kNarrow);
  Pair::carry(free.theirs, free.ours, 64u << 20);
  Pair::carry(bounded.theirs, bounded.ours, 64u << 20);
  Pair::fill(free.theirs);
  Pair::fill(bounded.theirs);
  EXPECT_GT(Pair::unread(bounded.ours), 16u * 1024);
  EXPECT_LE(Pair::unread(bounded.ours), 2u * kNarrow);
  EXPECT_GT(Pair::unread(free.ours), 2 * Pair::unread(bounded.ours)) << "or the kernel bounds it by itself";
}

TEST(Window, TheBoundCanBeMadeWider) {
  Pair pair(false);
  bound_unread(pair.ours.get(), kNarrow);
  Pair::carry(pair.theirs, pair.ours, 4u << 20);
  bound_unread(pair.ours.get(), kWide);
  Pair::carry(pair.theirs, pair.ours, 4u << 20);
  Pair::fill(pair.theirs);
  EXPECT_GT(Pair::unread(pair.ours), 2u * kNarrow);
  EXPECT_LE(Pair::unread(pair.ours), 2u * kWide);
}

TEST(Window, PlacesAreLimitedAndComeBack) {
  WidePlaces places;
  for (int i = 0; i < WidePlaces::kPlaces; ++i) EXPECT_TRUE(places.take());
  EXPECT_FALSE(places.take());
  EXPECT_EQ(places.taken(), WidePlaces::kPlaces);
  places.give();
  EXPECT_TRUE(places.take());
}

TEST(Window, TheWayIsMeasuredWhereThereIsOne) {
  Pair pair;
  const auto way = round_trip(pair.ours.get());
  ASSERT_TRUE(way.has_value());
  EXPECT_GT(way->count(), 0);
  EXPECT_GE(segment(pair.ours.get()), 536u);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Fd one(ends[0]), other(ends[1]);
  EXPECT_FALSE(round_trip(one.get()).has_value());
  EXPECT_EQ(segment(one.get()), 0u);
  bound_unsent(one.get()), bound_unread(one.get(), kNarrow);
  EXPECT_EQ(send(one.get(), std::span<const char>("x", 1)).bytes, 1u) << "and stays as it was";
}

}  // namespace
}  // namespace rhumb::net
