// SPDX-License-Identifier: Apache-2.0
#include "proxy/out.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "http/h1_parser.h"

namespace rhumb::proxy {
namespace {

/// A stream whose other end the test reads.
class OutTest : public ::testing::Test, public net::StreamOwner {
 protected:
  OutTest() {
    int ends[2];
    RHUMB_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    other_.reset(ends[1]);
    stream_ = std::make_unique<net::TcpStream>(loop_, net::Fd(ends[0]), *this, blocks_);
    loop_.turn(base::Micros(0));
  }
  void on_stream() noexcept override { (void)stream_->flush(); }
  /// Everything that was sent, however often the loop has to turn for it.
  std::string sent() {
    std::string text;
    char buffer[65536];
    for (;;) {
      const ssize_t n = ::recv(other_.get(), buffer, sizeof buffer, 0);
      if (n > 0) {
        text.append(buffer, static_cast<size_t>(n));
      } else if (stream_->pending() == 0) {
        return text;
      }
      loop_.turn(base::Micros(0));
    }
  }
  /// The content of a chunked body, or what is wrong with it.
  static std::string unchunked(std::string_view wire) {
    http::BodyDecoder decoder;
    decoder.start({http::BodyKind::chunked}, base::FaultKind::bad_request);
    std::string content;
    while (!wire.empty() && !decoder.done()) {
      const auto step = decoder.next(wire);
      if (step.failed) return std::string("malformed: ") + step.fault.detail;
      content += step.data;
      wire.remove_prefix(step.consumed);
    }
    return decoder.done() && wire.empty() ? content : "not complete";
  }

  base::SystemClock clock_;
  net::Loop loop_{clock_};
  base::BlockPool blocks_;
  net::Fd other_;
  std::unique_ptr<net::TcpStream> stream_;
  std::vector<char> scratch_ = std::vector<char>(64 * 1024);
};

TEST_F(OutTest, AHeadAndASmallBodyGoOutTogether) {
  Out out(*stream_, scratch_);
  out.writer().raw("head\r\n");
  out.data("body", false);
  EXPECT_EQ(sent(), "") << "nothing leaves before send()";
  EXPECT_TRUE(out.send());
  EXPECT_EQ(sent(), "head\r\nbody");
}

TEST_F(OutTest, ChunksAreFramed) {
  Out out(*stream_, scratch_);
  out.data("hello", true);
  out.data("", true);
  EXPECT_TRUE(out.send());
  EXPECT_EQ(sent(), "5\r\nhello\r\n") << "an empty piece is no chunk: it would be the last";
}

TEST_F(OutTest, SmallPiecesOfAChunkedBodyBecomeOneChunk) {
  for (const int pieces : {2, 16, 17, 300, 5'000}) {
    Out out(*stream_, scratch_);
    out.writer().raw("head ");
    for (int i = 0; i < pieces; ++i) out.data("x", true);
    out.framing("0\r\n"), out.framing("\r\n");
    EXPECT_TRUE(out.send());
    const std::string content(static_cast<size_t>(pieces), 'x');
    EXPECT_EQ(sent(), fmt::format("head {:x}\r\n{}\r\n0\r\n\r\n", pieces, content));
  }
}

TEST_F(OutTest, ALargePieceEndsTheChunkBeforeIt) {
  const std::string large(40'000, 'L');
  Out out(*stream_, scratch_);
  out.data("ab", true), out.data("cd", true), out.data(large, true), out.data("ef", true);
  EXPECT_TRUE(out.send());
  EXPECT_EQ(sent(), "4\r\nabcd\r\n9c40\r\n" + large + "\r\n2\r\nef\r\n");
}

TEST_F(OutTest, ALargePieceKeepsItsPlaceBetweenSmallOnes) {
  const std::string large(40'000, 'L');
  Out out(*stream_, scratch_);
  out.writer().raw("first ");
  out.data(large, false);
  out.data(" last", false);
  EXPECT_TRUE(out.send());
  EXPECT_EQ(sent(), "first " + large + " last");
}

TEST_F(OutTest, MoreThanTheScratchHoldsIsSentInOrder) {
  std::string expected;
  Out out(*stream_, scratch_);
  for (int i = 0; i < 500; ++i) {
    const std::string piece(static_cast<size_t>(i * 37 % 3000 + 1), static_cast<char>('a' + i % 26));
    expected += piece;
    out.data(piece, true);
  }
  out.framing("0\r\n");
  out.framing("\r\n");
  EXPECT_TRUE(out.send());
  EXPECT_EQ(unchunked(sent()), expected);
}

TEST_F(OutTest, FramingFitsWhateverGatheredBefore) {
  const std::string trailers = "X-Sum: " + std::string(3000, 's') + "\r\n";
  for (size_t left = 0; left < 12; ++left) {
    Out out(*stream_, scratch_);
    // A single chunk that leaves so many bytes of the scratch free.
    std::string content;
    while (out.writer().room() > 9'000) out.data(std::string(8'000, 'x'), true), content.append(8'000, 'x');
    const size_t size = out.writer().room() - left - 8;
    out.data(std::string(size, 'y'), true), content.append(size, 'y');
    out.framing("0\r\n"), out.framing(trailers), out.framing("\r\n");
    EXPECT_TRUE(out.send());
    EXPECT_FALSE(out.writer().overflow());
    EXPECT_EQ(unchunked(sent()), content) << left;
  }
}

TEST_F(OutTest, ABrokenConnectionIsReportedNowAndLater) {
  other_.reset();
  Out out(*stream_, scratch_);
  out.data("lost", false);
  EXPECT_FALSE(out.send());
  EXPECT_FALSE(out.ok());
  out.data(std::string(100'000, 'x'), true);
  EXPECT_FALSE(out.send());
}

}  // namespace
}  // namespace rhumb::proxy
