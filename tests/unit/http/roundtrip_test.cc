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

}  // namespace
}  // namespace rhumb::http
