// SPDX-License-Identifier: Apache-2.0
#include "net/bounded_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rhumb::net {
namespace {

using What = BoundedReader::Taken::What;
using Stop = BoundedReader::Stop;

/// Speaks lines, of which "end" is the last; each takes 10 KB of its arena.
class BoundedReaderTest : public ::testing::Test, public StreamOwner, public BoundedReader::Owner {
 protected:
  void begin(const ReadLimits& limits) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    const int room = 1 << 20;
    ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    peer_.reset(ends[0]);
    stream_ = std::make_unique<TcpStream>(loop_, Fd(ends[1]), *this, blocks_);
    reader_ = std::make_unique<BoundedReader>(loop_, blocks_, *this);
    reader_->start(*stream_, limits);
  }
  void on_stream() noexcept override { reader_->read(); }
  BoundedReader::Taken on_bytes(std::string_view bytes, base::Arena& arena) noexcept override {
    ++calls_;
    most_held_ = std::max(most_held_, bytes.size());
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return {};
    arena.allocate(10'000);
    lines_.emplace_back(bytes.substr(0, end));
    if (lines_.back() == "end") return {What::over};
    return {What::message, end + 1};
  }
  void on_stop(Stop why) noexcept override {
    EXPECT_FALSE(stopped_) << "once";
    stopped_ = why;
  }
  void say(std::string_view bytes) {
    ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// Some turns, each a tick of the timers later.
  void turn(int count = 1) {
    for (int i = 0; i < count; ++i) clock_.advance(TimerWheel::kTick), loop_.turn(base::Micros(0));
  }

  base::ManualClock clock_;
  base::BlockPool blocks_;
  Loop loop_{clock_};
  Fd peer_;
  std::unique_ptr<TcpStream> stream_;
  std::unique_ptr<BoundedReader> reader_;
  std::vector<std::string> lines_;
  std::optional<Stop> stopped_;
  size_t most_held_ = 0;
  int calls_ = 0;
};

constexpr ReadLimits kRoomy{.bytes = 1 << 20, .messages = 1000, .time = base::Seconds(60)};

TEST_F(BoundedReaderTest, GivesMessagesToTheLast) {
  begin(kRoomy);
  say("one\ntw");
  turn();
  say("o\nend\nwhat nobody asked for");
  turn(2);
  EXPECT_EQ(lines_, (std::vector<std::string>{"one", "two", "end"}));
  say("more of it");
  turn(2);
  EXPECT_EQ(lines_.size(), 3u) << "all was said";
  clock_.advance(base::Seconds(120));
  turn();
  EXPECT_FALSE(stopped_);
}

TEST_F(BoundedReaderTest, CutsOffMessagesWithoutEnd) {
  ReadLimits limits = kRoomy;
  limits.messages = 16;
  begin(limits);
  std::string many;
  for (int i = 0; i < 500; ++i) many += "on and on\n";
  say(many);
  turn(3);
  EXPECT_EQ(stopped_, Stop::too_many);
  EXPECT_EQ(lines_.size(), 16u);
}

TEST_F(BoundedReaderTest, GivesTheMemoryOfAMessageBackBeforeTheNext) {
  begin(kRoomy);
  std::string many;
  for (int i = 0; i < 300; ++i) many += "x\n";
  say(many);
  turn(3);
  EXPECT_EQ(lines_.size(), 300u);
  EXPECT_EQ(blocks_.idle(), 1u) << "one block did for all";
}

TEST_F(BoundedReaderTest, HoldsNoMoreThanItsBytes) {
  ReadLimits limits = kRoomy;
  limits.bytes = 10'000;
  begin(limits);
  say(std::string(100'000, 'x'));
  turn(3);
  EXPECT_EQ(stopped_, Stop::too_much);
  EXPECT_EQ(most_held_, 10'000u);
}

TEST_F(BoundedReaderTest, BytesOfManyMessagesCountTogether) {
  ReadLimits limits = kRoomy;
  limits.bytes = 1000;
  begin(limits);
  std::string many;
  for (int i = 0; i < 500; ++i) many += "123\n";
  say(many);
  turn(3);
  EXPECT_EQ(stopped_, Stop::too_much);
  EXPECT_EQ(lines_.size(), 250u);
}

TEST_F(BoundedReaderTest, TheLastByteAllowedMayEndIt) {
  ReadLimits limits = kRoomy;
  limits.bytes = 4;
  begin(limits);
  say("end\n");
  turn(2);
  EXPECT_EQ(lines_.size(), 1u);
  EXPECT_FALSE(stopped_);
}

TEST_F(BoundedReaderTest, BytesThatTrickleInBuyNoTime) {
  ReadLimits limits = kRoomy;
  limits.time = base::Seconds(5);
  begin(limits);
  for (int i = 0; i < 40; ++i) {
    clock_.advance(base::Millis(100));
    say("x");
    turn();
  }
  EXPECT_FALSE(stopped_);
  EXPECT_EQ(most_held_, 40u);
  clock_.advance(base::Seconds(1));
  say("x");
  turn();
  EXPECT_EQ(stopped_, Stop::late);
}

TEST_F(BoundedReaderTest, ReadsSoOftenInATurnAndGoesOnInTheNext) {
  ReadLimits limits = kRoomy;
  limits.reads_a_turn = 3;
  begin(limits);
  say(std::string(40'000, 'x') + "\nend\n");
  turn();
  EXPECT_EQ(calls_, 3);
  EXPECT_EQ(most_held_, 3u * 4096);
  turn(10);
  EXPECT_EQ(lines_.back(), "end") << "though nothing announced the rest";
}

TEST_F(BoundedReaderTest, TellsThatThePeerIsGone) {
  begin(kRoomy);
  say("half a li");
  peer_.reset();
  turn(2);
  EXPECT_EQ(stopped_, Stop::ended);
  EXPECT_TRUE(lines_.empty());
}

TEST_F(BoundedReaderTest, IsSilentOnceItWasStopped) {
  begin(kRoomy);
  say("one\n");
  reader_->stop();
  turn(2);
  clock_.advance(base::Seconds(120));
  turn();
  EXPECT_EQ(calls_, 0);
  EXPECT_FALSE(stopped_);
}

TEST_F(BoundedReaderTest, StartsAnew) {
  ReadLimits limits = kRoomy;
  limits.messages = 3;
  begin(limits);
  say("one\ntwo\nha");
  turn(2);
  reader_->start(*stream_, limits);
  say("three\nfour\nend\n");
  turn(2);
  EXPECT_EQ(lines_, (std::vector<std::string>{"one", "two", "three", "four", "end"}));
}

}  // namespace
}  // namespace rhumb::net
