// SPDX-License-Identifier: Apache-2.0
// BodyDecoder (http/h1_body.cc).
#include <gtest/gtest.h>

#include "http/h1_parser.h"
#include "http_testing.h"

namespace rhumb::http {
namespace {

using base::FaultKind;
using testing::join;
using testing::Vector;
using testing::Words;

constexpr Framing kChunked{BodyKind::chunked, 0};

BodyDecoder decoder(Framing framing) {
  BodyDecoder out;
  out.start(framing, FaultKind::bad_request);
  return out;
}

TEST(BodyDecoderTest, JudgesEveryChunkedVectorTheSameHoweverItsBytesArrive) {
  const auto vectors = testing::read_vectors("chunks.txt");
  EXPECT_GE(vectors.size(), 50u);
  for (const Vector& v : vectors) {
    const Words whole = testing::decode_body(v.bytes, {v.bytes.size()}, kChunked);
    for (const std::string& word : v.expect)
      EXPECT_TRUE(whole.count(word)) << v.file << ":" << v.line << " " << v.name << "\n  expected: " << word
                                     << "\n  got:      " << join(whole);
    testing::for_each_cut(v.bytes.size(), [&](const std::vector<size_t>& ends, const std::string& how) {
      EXPECT_EQ(join(whole), join(testing::decode_body(v.bytes, ends, kChunked))) << v.name << ", " << how;
    });
  }
}

TEST(BodyDecoderTest, ChecksTrailersTheSameWithoutABufferButKeepsNone) {
  for (const Vector& v : testing::read_vectors("chunks.txt")) {
    const Words kept = testing::decode_body(v.bytes, {v.bytes.size()}, kChunked);
    const Words dropped = testing::decode_body(v.bytes, {v.bytes.size()}, kChunked, false);
    EXPECT_EQ(kept.count("ok"), dropped.count("ok")) << v.name;
    if (dropped.count("ok")) {
      EXPECT_TRUE(dropped.count("trailers=")) << v.name;
    }
  }
}

TEST(BodyDecoderTest, NoBodyIsDoneAtOnce) {
  BodyDecoder body = decoder({});
  EXPECT_TRUE(body.done());
  EXPECT_TRUE(body.finish());
  EXPECT_EQ(body.next("GET / ").consumed, 0u);
}

TEST(BodyDecoderTest, LengthZeroIsDoneAtOnce) { EXPECT_TRUE(decoder({BodyKind::length, 0}).done()); }

TEST(BodyDecoderTest, LengthTakesExactlyThatMany) {
  BodyDecoder body = decoder({BodyKind::length, 5});
  EXPECT_EQ(body.plain_remaining(), 5u);
  auto step = body.next("he");
  EXPECT_EQ(step.data, "he");
  EXPECT_FALSE(body.finish());
  step = body.next("lloGET /");
  EXPECT_EQ(step.data, "llo");
  EXPECT_EQ(step.consumed, 3u);
  EXPECT_TRUE(body.done());
  EXPECT_EQ(body.next("GET /").consumed, 0u);
}

TEST(BodyDecoderTest, UntilCloseTakesAllAndEndsWithTheStream) {
  BodyDecoder body = decoder({BodyKind::until_close, 0});
  EXPECT_EQ(body.next("0\r\n\r\n").data, "0\r\n\r\n");
  EXPECT_EQ(body.next("more").data, "more");
  EXPECT_FALSE(body.done());
  EXPECT_EQ(body.plain_remaining(), 0u);
  EXPECT_TRUE(body.finish());
  EXPECT_TRUE(body.done());
}

TEST(BodyDecoderTest, StreamEndInsideAChunkedBodyIsNoProperEnd) {
  BodyDecoder body = decoder(kChunked);
  body.next("5\r\nhello\r\n");
  body.next("5\r\nhello\r\n");
  EXPECT_FALSE(body.finish());
}

TEST(BodyDecoderTest, SkipStandsForBytesMovedElsewhereInALengthBody) {
  BodyDecoder body = decoder({BodyKind::length, 10});
  body.next("ab");
  body.skip(5);
  EXPECT_EQ(body.plain_remaining(), 3u);
  EXPECT_EQ(body.next("cdeX").data, "cde");
  EXPECT_TRUE(body.done());
}

TEST(BodyDecoderTest, SkipToTheEndOfALengthBodyEndsIt) {
  BodyDecoder body = decoder({BodyKind::length, 10});
  body.skip(10);
  EXPECT_TRUE(body.done());
}

TEST(BodyDecoderTest, SkipStandsForBytesOfTheCurrentChunkOnly) {
  BodyDecoder body = decoder(kChunked);
  EXPECT_EQ(body.plain_remaining(), 0u);
  body.next("a\r\n");
  EXPECT_EQ(body.plain_remaining(), 10u);
  body.skip(10);
  EXPECT_EQ(body.plain_remaining(), 0u);
  auto step = body.next("\r\n0\r\n\r\n");
  EXPECT_EQ(step.consumed, 7u);
  EXPECT_TRUE(body.done());
}

TEST(BodyDecoderTest, OnePieceOfContentACall) {
  BodyDecoder body = decoder(kChunked);
  const std::string_view in = "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n";
  auto step = body.next(in);
  EXPECT_EQ(step.data, "a");
  EXPECT_EQ(step.consumed, 4u);
  step = body.next(in.substr(4));
  EXPECT_EQ(step.data, "bc");
  EXPECT_GE(step.data.data(), in.data());
}

/// Size lines in their usual form are read at once, others a byte at a time: both lead to the same.
TEST(BodyDecoderTest, ALineOfAnyFormLeadsToTheSameChunk) {
  for (const char* size : {"3", "03", "00000003", "000000003", "0000000000000003", "3;a", "3;a=\"b\""}) {
    const std::string one = std::string(size) + "\r\nabc\r\n", all = one + one + "0\r\n\r\n";
    const testing::Words whole = testing::decode_body(all, {all.size()}, kChunked);
    EXPECT_TRUE(whole.count("ok")) << size;
    testing::for_each_cut(all.size(), [&](const std::vector<size_t>& ends, const std::string& how) {
      EXPECT_EQ(join(whole), join(testing::decode_body(all, ends, kChunked))) << size << ", " << how;
    });
  }
  for (const char* bad : {"\r\n", "3\n", "3\r", "-3\r\n", "3 \r\n", "g\r\n", "00000000000000003\r\n"}) {
    const std::string all = "3\r\nabc\r\n" + std::string(bad) + "abc\r\n0\r\n\r\n";
    EXPECT_FALSE(testing::decode_body(all, {all.size()}, kChunked).count("ok")) << bad;
  }
}

TEST(BodyDecoderTest, ASyntaxErrorIsTheFaultOfTheSideItCameFrom) {
  BodyDecoder body;
  body.start(kChunked, FaultKind::upstream_malformed);
  const auto step = body.next("zz");
  EXPECT_TRUE(step.failed);
  EXPECT_EQ(step.fault.kind, FaultKind::upstream_malformed);
  EXPECT_TRUE(body.next("5\r\n").failed) << "a failed body stays failed";
  EXPECT_FALSE(body.finish());
  EXPECT_FALSE(body.done());
}

TEST(BodyDecoderTest, StartForgetsTheBodyBefore) {
  char room[64];
  BodyDecoder body = decoder(kChunked);
  body.set_trailer_buffer(room, sizeof room);
  body.next("0\r\nX: 1\r\n\r\n");
  EXPECT_EQ(body.trailers(), "X: 1\r\n");
  body.start(kChunked, FaultKind::bad_request);
  EXPECT_EQ(body.trailers(), "");
  body.next("0\r\nX: 1\r\n\r\n");
  EXPECT_TRUE(body.done());
  EXPECT_EQ(body.trailers(), "") << "the buffer of the body before is not ours any more";
}

TEST(BodyDecoderTest, TrailersThatDoNotFitTheBufferAreRefused) {
  char room[8];
  BodyDecoder body = decoder(kChunked);
  body.set_trailer_buffer(room, 6);
  EXPECT_FALSE(body.next("0\r\nX:1\r\n\r\n").failed);
  body = decoder(kChunked);
  body.set_trailer_buffer(room, 5);
  EXPECT_TRUE(body.next("0\r\nX:1\r\n\r\n").failed) << "grows by a space, has no room for it";
  body = decoder(kChunked);
  body.set_trailer_buffer(room, 2);
  EXPECT_TRUE(body.next("0\r\nX:1\r\n\r\n").failed);
}

}  // namespace
}  // namespace rhumb::http
