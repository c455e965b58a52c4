// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipes.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace rhumb::proxy {
namespace {

TEST(PipePool, APipeCarriesBytesWithoutBlocking) {
  base::Cell refused;
  PipePool pool(refused);
  const auto pipe = pool.take();
  ASSERT_NE(pipe, nullptr);
  EXPECT_GE(pipe->capacity, 4096u);
  char byte = 0;
  EXPECT_EQ(::read(pipe->read.get(), &byte, 1), -1) << "empty: says so at once";
  EXPECT_EQ(::write(pipe->write.get(), "x", 1), 1);
  EXPECT_EQ(::read(pipe->read.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(PipePool, AnEmptyPipeIsUsedAgain) {
  base::Cell refused;
  PipePool pool(refused);
  auto pipe = pool.take();
  const int fd = pipe->read.get();
  pool.give(std::move(pipe));
  EXPECT_EQ(pool.take()->read.get(), fd);
}

TEST(PipePool, OneWithBytesInsideNeverComesBack) {
  base::Cell refused;
  PipePool pool(refused);
  auto pipe = pool.take();
  ASSERT_EQ(::write(pipe->write.get(), "secret", 6), 6);
  pipe->filled = 6;
  pool.give(std::move(pipe));
  auto next = pool.take();
  EXPECT_EQ(next->filled, 0u);
  char bytes[8];
  EXPECT_EQ(::read(next->read.get(), bytes, sizeof bytes), -1) << "not the bytes of another client";
}

TEST(PipePool, NothingGivenIsNothingKept) {
  base::Cell refused;
  PipePool pool(refused);
  pool.give(nullptr);
  EXPECT_NE(pool.take(), nullptr);
}

/// Two connections on a loop, and the plain sockets at their other ends.
class SpliceTest : public ::testing::Test, public net::StreamOwner {
 protected:
  void SetUp() override {
    connect(from_, source_);
    connect(to_, sink_);
    ASSERT_TRUE(splice_.start(pool_));
  }
  void on_stream() noexcept override {}
  void connect(std::unique_ptr<net::TcpStream>& stream, net::Fd& peer) {
    auto listener = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 1);
    ASSERT_TRUE(listener.has_value()) << listener.error();
    sockaddr_storage address{};
    const socklen_t size = net::local_address(listener->get()).fill(address);
    peer.reset(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(peer.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    net::Accepted accepted;
    while (!accepted.fd) accepted = net::accept_one(listener->get());
    stream = std::make_unique<net::TcpStream>(loop_, std::move(accepted.fd), *this, blocks_);
  }
  void send(std::string_view bytes) {
    ASSERT_EQ(::send(source_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    turn_until([&] { return from_->readable(); });
  }
  template <class Condition>
  void turn_until(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) loop_.turn(base::Millis(100));
    ASSERT_TRUE(condition());
  }

  base::SystemClock clock_;
  base::BlockPool blocks_;
  net::Loop loop_{clock_};
  base::Cell refused_;
  PipePool pool_{refused_};
  net::Fd source_, sink_;
  std::unique_ptr<net::TcpStream> from_, to_;
  Splice splice_;
  size_t taken_ = 0;
};

TEST_F(SpliceTest, MovesWhatIsThereAndNoMoreThanItMay) {
  send("abcdef");
  EXPECT_EQ(splice_.move(*from_, *to_, 4, taken_), Splice::Step::moved);
  EXPECT_EQ(taken_, 4u);
  EXPECT_EQ(splice_.held(), 0u);
  char bytes[8];
  EXPECT_EQ(::recv(sink_.get(), bytes, sizeof bytes, 0), 4);
  EXPECT_EQ(std::string_view(bytes, 4), "abcd");
  EXPECT_EQ(splice_.move(*from_, *to_, 100, taken_), Splice::Step::moved);
  EXPECT_EQ(taken_, 2u);
  EXPECT_EQ(splice_.move(*from_, *to_, 100, taken_), Splice::Step::wait) << "nothing more is there";
  EXPECT_EQ(taken_, 0u);
}

TEST_F(SpliceTest, HoldsWhatTheSinkDoesNotTakeAndGoesOnWhenItDoes) {
  size_t sent = 0, received = 0;
  const std::string some(64 * 1024, 'x');
  while (splice_.held() == 0) {
    send(some);
    sent += some.size();
    while (splice_.move(*from_, *to_, 1 << 20, taken_) == Splice::Step::moved) {
    }
  }
  EXPECT_FALSE(to_->writable());
  EXPECT_LE(splice_.held(), 64u * 1024);
  EXPECT_EQ(splice_.move(*from_, *to_, 1 << 20, taken_), Splice::Step::wait);
  EXPECT_EQ(taken_, 0u) << "nothing is taken while something is held";
  ::shutdown(source_.get(), SHUT_WR);
  std::string buffer(1 << 20, '\0');
  auto step = Splice::Step::wait;
  while (step != Splice::Step::ended) {
    const ssize_t n = ::recv(sink_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) received += static_cast<size_t>(n);
    loop_.turn(base::Micros(0));
    step = splice_.move(*from_, *to_, 1 << 20, taken_);
  }
  to_->close();
  while (const ssize_t n = ::recv(sink_.get(), buffer.data(), buffer.size(), 0)) {
    ASSERT_GT(n, 0);
    received += static_cast<size_t>(n);
  }
  EXPECT_EQ(received, sent);
}

TEST_F(SpliceTest, TellsWhichSideIsGone) {
  ::shutdown(source_.get(), SHUT_WR);
  turn_until([&] { return from_->readable(); });
  EXPECT_EQ(splice_.move(*from_, *to_, 10, taken_), Splice::Step::ended);

  net::Fd other;
  std::unique_ptr<net::TcpStream> fresh;
  connect(fresh, other);
  ASSERT_EQ(::send(other.get(), "abc", 3, 0), 3);
  turn_until([&] { return fresh->readable(); });
  net::reset_on_close(sink_.get());
  sink_.reset();
  turn_until([&] { return to_->readable(); });
  EXPECT_EQ(splice_.move(*fresh, *to_, 10, taken_), Splice::Step::broken);
}

TEST(PipePool, WithoutDescriptorsThereIsNone) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  base::Cell refused;
  PipePool pool(refused);
  const auto pipe = pool.take();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(pipe, nullptr);
  EXPECT_EQ(refused.get(), 1u);
  EXPECT_EQ(pool.take(), nullptr) << "not asked for each body anew";
  EXPECT_EQ(refused.get(), 1u);
  int calls = 2;
  for (std::unique_ptr<Pipe> next; next == nullptr && calls < 1000; ++calls) next = pool.take();
  EXPECT_LT(calls, 1000) << "but now and then";
}

}  // namespace
}  // namespace rhumb::proxy
