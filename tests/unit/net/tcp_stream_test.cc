// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

namespace rhumb::net {
namespace {

/// One end is a TcpStream on a loop, the other a plain blocking socket.
class TcpStreamTest : public ::testing::Test, public StreamOwner {
 protected:
  void SetUp() override {
    auto listener = listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 1);
    ASSERT_TRUE(listener.has_value()) << listener.error();
    sockaddr_storage address{};
    const socklen_t size = local_address(listener->get()).fill(address);
    peer_.reset(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(peer_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    Accepted accepted;
    while (!accepted.fd) accepted = accept_one(listener->get());
    stream_ = std::make_unique<TcpStream>(loop_, std::move(accepted.fd), *this, blocks_);
  }
  void on_stream() noexcept override { ++events_; }
  template <class Condition>
  void turn_until(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) loop_.turn(base::Millis(100));
    ASSERT_TRUE(condition());
  }
  std::string drain_peer(size_t bytes) {
    std::string out(bytes, '\0');
    size_t done = 0;
    while (done < bytes) {
      const ssize_t n = ::recv(peer_.get(), out.data() + done, bytes - done, 0);
      if (n <= 0) break;
      done += static_cast<size_t>(n);
      loop_.turn(base::Micros(0));
      if (stream_->writable() && stream_->pending() != 0) {
        EXPECT_TRUE(stream_->flush());
      }
    }
    out.resize(done);
    return out;
  }

  /// Writes until the socket takes no more.
  void fill_socket() {
    const std::string piece(64 * 1024, 'x');
    while (stream_->pending() == 0) ASSERT_TRUE(stream_->write(piece));
  }

  base::SystemClock clock_;
  base::BlockPool blocks_;
  Loop loop_{clock_};
  Fd peer_;
  std::unique_ptr<TcpStream> stream_;
  int events_ = 0;
};

TEST_F(TcpStreamTest, DataMakesItReadableAndAShortReadDrainsIt) {
  ASSERT_EQ(::send(peer_.get(), "hello", 5, 0), 5);
  turn_until([&] { return stream_->readable(); });
  std::array<char, 64> buffer;
  const IoResult r = stream_->read(buffer);
  EXPECT_EQ(std::string(buffer.data(), r.bytes), "hello");
  EXPECT_FALSE(stream_->readable());
  EXPECT_EQ(stream_->input(), Input::drained);
}

TEST_F(TcpStreamTest, UnreadDataStaysReadableWithoutANewEvent) {
  ASSERT_EQ(::send(peer_.get(), "hello", 5, 0), 5);
  turn_until([&] { return stream_->readable(); });
  std::array<char, 2> buffer;
  EXPECT_EQ(stream_->read(buffer).bytes, 2u);
  EXPECT_TRUE(stream_->readable()) << "a full read may have left something";
}

TEST_F(TcpStreamTest, PausedItHearsNothingUntilItReads) {
  ASSERT_EQ(::send(peer_.get(), "one", 3, 0), 3);
  turn_until([&] { return stream_->readable(); });
  stream_->pause();
  const int before = events_;
  ASSERT_EQ(::send(peer_.get(), "two", 3, 0), 3);
  peer_.reset();
  loop_.turn(base::Micros(0));
  EXPECT_EQ(events_, before);
  EXPECT_TRUE(stream_->readable()) << "what was ready stays ready";

  std::array<char, 64> buffer;
  const IoResult r = stream_->read(buffer);
  EXPECT_EQ(std::string(buffer.data(), r.bytes), "onetwo");
  turn_until([&] { return stream_->readable(); });
  EXPECT_EQ(stream_->read(buffer).status, IoStatus::end) << "the end that came meanwhile is announced now";
}

TEST_F(TcpStreamTest, WhoHungUpIsNotPaused) {
  ASSERT_EQ(::send(peer_.get(), "bye", 3, 0), 3);
  peer_.reset();
  turn_until([&] { return stream_->input() == Input::closing; });
  stream_->pause();
  std::array<char, 64> buffer;
  EXPECT_EQ(stream_->read(buffer).bytes, 3u);
  EXPECT_EQ(stream_->input(), Input::closing) << "its end is still to be read";
  EXPECT_EQ(stream_->read(buffer).status, IoStatus::end);
  EXPECT_EQ(stream_->input(), Input::over);
  EXPECT_FALSE(stream_->reusable());
}

TEST_F(TcpStreamTest, ReusableIsWhoHearsHasReadAllAndHasSentAll) {
  EXPECT_TRUE(stream_->reusable());
  stream_->pause();
  EXPECT_FALSE(stream_->reusable());
  std::array<char, 64> buffer;
  EXPECT_EQ(stream_->read(buffer).status, IoStatus::would_block);
  EXPECT_TRUE(stream_->reusable()) << "the read has ended the pause";
  ASSERT_EQ(::send(peer_.get(), "hello", 5, 0), 5);
  turn_until([&] { return stream_->readable(); });
  EXPECT_FALSE(stream_->reusable());
  EXPECT_EQ(stream_->read(std::span<char>(buffer.data(), 5)).bytes, 5u);
  EXPECT_FALSE(stream_->reusable()) << "a full read may have left something";
  EXPECT_EQ(stream_->read(buffer).status, IoStatus::would_block);
  EXPECT_TRUE(stream_->reusable());
  while (stream_->pending() == 0) ASSERT_TRUE(stream_->write(std::string(64 * 1024, 'x')));
  EXPECT_FALSE(stream_->reusable());
  stream_->close();
  EXPECT_FALSE(stream_->reusable());
}

// The send may break although a whole answer waits to be read: that answer is good, the connection is not.
TEST_F(TcpStreamTest, AfterABrokenSendItIsReadButNeverReusable) {
  ASSERT_EQ(::send(peer_.get(), "answer", 6, 0), 6);
  stream_->shutdown_write();
  stream_->pause();
  EXPECT_FALSE(stream_->write("more"));
  std::array<char, 64> buffer;
  EXPECT_EQ(stream_->read(buffer).bytes, 6u);
  EXPECT_FALSE(stream_->reusable());
  EXPECT_EQ(stream_->read(buffer).status, IoStatus::would_block);
  EXPECT_FALSE(stream_->reusable());
  ASSERT_EQ(::send(peer_.get(), "more", 4, 0), 4);
  turn_until([&] { return stream_->readable(); });
}

TEST_F(TcpStreamTest, AnEndBehindDataIsNotLost) {
  ASSERT_EQ(::send(peer_.get(), "bye", 3, 0), 3);
  peer_.reset();
  std::string seen;
  bool ended = false;
  turn_until([&] {
    std::array<char, 64> buffer;
    while (stream_->readable() && !ended) {
      const IoResult r = stream_->read(buffer);
      if (r.status == IoStatus::ok) seen.append(buffer.data(), r.bytes);
      ended = r.status == IoStatus::end;
    }
    return ended;
  });
  EXPECT_EQ(seen, "bye");
}

TEST_F(TcpStreamTest, AResetIsAnError) {
  reset_on_close(peer_.get());
  peer_.reset();
  turn_until([&] { return stream_->readable(); });
  std::array<char, 8> buffer;
  EXPECT_EQ(stream_->read(buffer).status, IoStatus::error);
}

TEST_F(TcpStreamTest, WhatTheSocketDoesNotTakeIsKeptAndSentInOrder) {
  std::string all;
  for (int i = 0; stream_->pending() == 0 && i < 10'000; ++i) {
    const std::string piece = std::string(8191, static_cast<char>('a' + i % 26)) + "\n";
    const std::array<iovec, 2> pieces{
        {{const_cast<char*>(piece.data()), 4096}, {const_cast<char*>(piece.data()) + 4096, 4096}}};
    ASSERT_TRUE(i % 2 == 0 ? stream_->write(piece) : stream_->write(std::span<const iovec>(pieces)));
    all += piece;
  }
  ASSERT_NE(stream_->pending(), 0u) << "the socket never filled";
  ASSERT_TRUE(stream_->write("tail"));
  all += "tail";
  EXPECT_EQ(drain_peer(all.size()), all);
  EXPECT_EQ(stream_->pending(), 0u);
}

TEST_F(TcpStreamTest, ClosingTwiceIsHarmless) {
  stream_->close();
  stream_->close();
  EXPECT_FALSE(stream_->open());
}

TEST_F(TcpStreamTest, DeliveredCountsWhatThePeerHasTaken) {
  EXPECT_EQ(stream_->delivered(), 0u);
  const std::string much(8 << 20, 'x');
  ASSERT_TRUE(stream_->write(much));
  const uint64_t before = stream_->delivered();
  EXPECT_LT(before, much.size());
  EXPECT_EQ(drain_peer(much.size()).size(), much.size());
  turn_until([&] { return stream_->delivered() == much.size(); });
}

TEST_F(TcpStreamTest, QuietMeansNoByteAndNoEnd) {
  EXPECT_TRUE(stream_->quiet());
  ASSERT_EQ(::send(peer_.get(), "x", 1, 0), 1);
  turn_until([&] { return stream_->readable(); });
  EXPECT_FALSE(stream_->quiet());
  char byte[2];
  EXPECT_EQ(stream_->read(byte).bytes, 1u);
  EXPECT_TRUE(stream_->quiet());
  peer_.reset();
  turn_until([&] { return stream_->readable(); });
  EXPECT_FALSE(stream_->quiet());
}

// The room was announced, and will not be announced again: what is added to the pending bytes must not forget it.
TEST_F(TcpStreamTest, WhatIsAddedToPendingBytesKeepsTheAnnouncedRoom) {
  const std::string more = "more";
  const iovec pieces[] = {{const_cast<char*>(more.data()), more.size()}};
  fill_socket();
  EXPECT_FALSE(stream_->writable());
  for (int i = 0; i < 1000 && !stream_->writable(); ++i) {
    char room[256 * 1024];
    while (::recv(peer_.get(), room, sizeof room, MSG_DONTWAIT) > 0) continue;
    loop_.turn(base::Millis(10));
  }
  ASSERT_TRUE(stream_->writable());
  ASSERT_TRUE(stream_->write(std::span<const iovec>(pieces)));
  EXPECT_TRUE(stream_->writable());
  ASSERT_TRUE(stream_->write(more));
  EXPECT_TRUE(stream_->writable());
}

}  // namespace
}  // namespace rhumb::net
