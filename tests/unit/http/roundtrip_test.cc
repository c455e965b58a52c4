// SPDX-License-Identifier: Apache-2.0
// What is written is read back as it was: heads and chunked bodies made by a seeded generator, cut at random.
#include <gtest/gtest.h>

#include "base/random.h"
#include "http/chars.h"
#include "http/h1_writer.h"
#include "http_testing.h"

namespace rhumb::http {
namespace {

using testing::join;
using testing::Words;

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  size_t below(size_t bound) { return static_cast<size_t>(random_.below(bound)); }
  /// Up to `most` characters of a class.
  std::string text(CharClass wanted, size_t least, size_t most) {
    std::string out;
    for (size_t size = least + below(most - least + 1); out.size() < size;) {
      const char c = static_cast<char>(below(256));
      if (is(wanted, c)) out += c;
    }
    return out;
  }
  std::string value() { return std::string(base::trim(text(kFieldValue, 0, 40))); }
  std::vector<size_t> cuts(size_t size) {
    std::vector<size_t> ends;
    for (size_t at = 0; at < size; ends.push_back(at)) at = std::min(size, at + 1 + below(1 + size / 3));
    return ends;
  }

 private:
  base::Random random_;
};

/// A name the gateway has no opinion about.
std::string plain_name(Maker& make) {
  for (;;) {
    std::string name = make.text(kFieldName, 1, 20);
    if (field_id(name) == FieldId::other) return name;
  }
}

TEST(RoundTripTest, RequestHeadsAreReadAsTheyWereWritten) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Maker make(seed);
    char room[16 * 1024];
    Writer out(room, sizeof room);
    Words expected{"ok", "host=a.example", "Host:a.example"};
    const std::string method = "X" + make.text(kToken, 1, 10), target = "/" + make.text(kTarget, 0, 60);
    out.raw(method), out.raw(" "), out.raw(target), out.raw(" HTTP/1.1\r\n");
    expected.insert("method=" + method), expected.insert("target=" + target);
    const size_t fields = make.below(20);
    const size_t host_at = make.below(fields + 1);
    for (size_t i = 0; i <= fields; ++i) {
      if (i == host_at) out.field("Host", "a.example");
      const std::string name = plain_name(make), value = make.value();
      out.field(name, value);
      expected.insert(name + ":" + value);
    }
    const uint64_t length = make.below(1'000'000);
    out.field("Content-Length", length);
    out.end_of_head();
    ASSERT_FALSE(out.overflow());
    expected.insert("body=" + std::to_string(length));
    expected.insert("fields=" + std::to_string(fields + 3));
    expected.insert("consumed=" + std::to_string(out.size()));
    const Words got = testing::parse_request(out.view(), make.cuts(out.size()));
    for (const std::string& word : expected)
      ASSERT_TRUE(got.count(word)) << "seed " << seed << ": " << word << "\n" << join(got);
  }
}

TEST(RoundTripTest, ResponseHeadsAreReadAsTheyWereWritten) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Maker make(seed);
    char room[16 * 1024];
    Writer out(room, sizeof room);
    const auto status = static_cast<uint16_t>(200 + make.below(400));
    const std::string reason = make.value();
    out.status_line(status, reason);
    Words expected{"ok", "status=" + std::to_string(status)};
    expected.insert("reason=" + (reason.empty() ? std::string(reason_phrase(status)) : reason));
    const size_t fields = make.below(20);
    for (size_t i = 0; i < fields; ++i) {
      const std::string name = plain_name(make), value = make.value();
      out.field(name, value);
      expected.insert(name + ":" + value);
    }
    out.raw("Transfer-Encoding: chunked\r\n");
    out.end_of_head();
    ASSERT_FALSE(out.overflow());
    expected.insert(status == 204 || status == 304 ? "body=none" : "body=chunked");
    expected.insert("fields=" + std::to_string(fields + 1));
    const Words got = testing::parse_response(out.view(), make.cuts(out.size()), Method::get);
    for (const std::string& word : expected)
      ASSERT_TRUE(got.count(word)) << "seed " << seed << ": " << word << "\n" << join(got);
  }
}

TEST(RoundTripTest, ChunkedBodiesAreReadAsTheyWereWritten) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    Maker make(seed);
    std::string framed, data, trailers;
    for (size_t chunks = make.below(6); chunks > 0; --chunks) {
      std::string piece(1 + make.below(200), '\0');
      for (char& c : piece) c = static_cast<char>(make.below(256));
      char line[18];
      framed.append(line, write_chunk_size(piece.size(), line)).append(piece).append("\r\n");
      data += piece;
    }
    for (size_t lines = make.below(3); lines > 0; --lines)
      trailers += "Z" + plain_name(make) + ": " + make.value() + "\r\n";
    framed += "0\r\n" + trailers + "\r\n";
    const Words got = testing::decode_body(framed + "GET / HT", make.cuts(framed.size() + 8), {BodyKind::chunked, 0});
    for (const std::string& word :
         {std::string("ok"), "data=" + data, "trailers=" + trailers, "consumed=" + std::to_string(framed.size())})
      ASSERT_TRUE(got.count(word)) << "seed " << seed << ": " << word;
  }
}

/// A request head of exactly this many bytes and fields: the last value is as long as it takes.
std::string request_of(Maker& make, size_t size, size_t fields) {
  std::string room(size + 8, '\0');
  Writer out(room.data(), room.size());
  out.raw("GET / HTTP/1.1\r\n"), out.field("Host", "a.example");
  for (size_t i = 2; i < fields; ++i) out.field("N" + std::to_string(i), make.text(kToken, 1, 9));
  const size_t rest = size - out.size() - std::string_view("Last: \r\n\r\n").size();
  out.field("Last", make.text(kToken, rest, rest)), out.end_of_head();
  EXPECT_FALSE(out.overflow());
  return std::string(out.view());
}

TEST(RoundTripTest, HeadsOfTheLargestSizeAreReadAndNoneBeyond) {
  const HeadLimits limits;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Maker make(seed);
    const std::string largest = request_of(make, limits.head, limits.fields);
    ASSERT_EQ(largest.size(), limits.head);
    const Words got = testing::parse_request(largest, make.cuts(largest.size()));
    EXPECT_TRUE(got.count("ok") && got.count("fields=" + std::to_string(limits.fields))) << join(got);
    const std::string larger = request_of(make, limits.head + 1, limits.fields);
    EXPECT_TRUE(testing::parse_request(larger, make.cuts(larger.size())).count("head_too_large"));
    const std::string more = request_of(make, limits.head / 2, limits.fields + 1u);
    EXPECT_TRUE(testing::parse_request(more, make.cuts(more.size())).count("too_many_fields"));
  }
}

TEST(RoundTripTest, BodiesOfEveryKindAreReadAsTheyWereWritten) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    Maker make(seed);
    std::string data(1 + make.below(5000), '\0');
    for (char& c : data) c = static_cast<char>(make.below(256));
    const std::string behind = "GET / HTTP/1.1";
    const auto cuts = make.cuts(data.size() + behind.size());
    const std::string size = std::to_string(data.size());
    Words got = testing::decode_body(data + behind, cuts, {BodyKind::length, data.size()});
    EXPECT_TRUE(got.count("ok") && got.count("data=" + data) && got.count("consumed=" + size)) << "seed " << seed;
    got = testing::decode_body(data, make.cuts(data.size()), {BodyKind::length, data.size() + 1});
    EXPECT_TRUE(got.count("more") && got.count("data=" + data)) << "seed " << seed;
    got = testing::decode_body(data, make.cuts(data.size()), {BodyKind::until_close, 0});
    EXPECT_TRUE(got.count("ok") && got.count("data=" + data)) << "seed " << seed;
    got = testing::decode_body(behind, {behind.size()}, {BodyKind::none, 0});
    EXPECT_TRUE(got.count("ok") && got.count("consumed=0")) << join(got);
  }
}

TEST(RoundTripTest, ChunkSizesAreReadAsTheyWereWritten) {
  for (unsigned bits = 0; bits < 63; ++bits) {
    for (const uint64_t size : {uint64_t{1} << bits, (uint64_t{2} << bits) - 1}) {
      char line[18];
      BodyDecoder body;
      body.start({BodyKind::chunked, 0}, base::FaultKind::bad_request);
      const auto step = body.next({line, write_chunk_size(size, line)});
      ASSERT_FALSE(step.failed) << size;
      EXPECT_EQ(body.plain_remaining(), size);
    }
  }
}

}  // namespace
}  // namespace rhumb::http
