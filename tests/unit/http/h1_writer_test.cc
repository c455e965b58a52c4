// SPDX-License-Identifier: Apache-2.0
#include "http/h1_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "http/h1_fields.h"
#include "http_testing.h"

namespace rhumb::http {
namespace {

TEST(WriterTest, WritesAHead) {
  char room[128];
  Writer to(room, sizeof room);
  to.status_line(404);
  to.field("X", "y"), to.field("Content-Length", 18446744073709551615u);
  to.end_of_head();
  EXPECT_EQ(to.view(), "HTTP/1.1 404 Not Found\r\nX: y\r\nContent-Length: 18446744073709551615\r\n\r\n");
  EXPECT_EQ(to.size() + to.room(), sizeof room);
  EXPECT_FALSE(to.overflow());
}

TEST(WriterTest, KeepsAGivenReasonAndNeedsNone) {
  char room[64];
  Writer to(room, sizeof room);
  to.status_line(200, "Fine"), to.status_line(299);
  EXPECT_EQ(to.view(), "HTTP/1.1 200 Fine\r\nHTTP/1.1 299 \r\n");
}

TEST(WriterTest, RunningOutOfRoomIsRememberedAndNeverWritesBeyond) {
  for (size_t room = 0; room < 12; ++room) {
    const auto bytes = std::make_unique<char[]>(room);
    Writer to(bytes.get(), room);
    to.field("Name", "value");
    EXPECT_TRUE(to.overflow()) << room;
    EXPECT_LE(to.size(), room);
  }
  const auto bytes = std::make_unique<char[]>(13);
  Writer to(bytes.get(), 13);
  to.field("Name", "value");
  EXPECT_FALSE(to.overflow());
  EXPECT_EQ(to.room(), 0u);
}

TEST(WriterTest, AfterAnOverflowNothingMoreIsWritten) {
  char room[8];
  Writer to(room, sizeof room);
  to.raw("123456"), to.raw("789"), to.raw("x");
  EXPECT_TRUE(to.overflow());
  EXPECT_EQ(to.view(), "123456");
}

// Fields that nobody touched leave as the bytes that came; what was changed, or came in another spelling, is written
// anew.
TEST(WriterTest, FieldsAreWrittenAsTheyAreNowHoweverTheyCame) {
  const std::string lines = "A: 1\r\nB:2\r\nC: 3 \r\nD: 4\r\nE: 5\r\nF: 6\r\nG:\t7\r\nH: \r\nI: 9\r\n";
  testing::Memory memory;
  Headers fields;
  fields.init(memory.arena, 9);
  ASSERT_EQ(parse_fields(lines, kFieldName, fields), nullptr);
  fields.replace_at(3, FieldId::other, "D", "four");
  fields.replace_at(4, FieldId::other, fields.all()[4].name, fields.all()[4].value.substr(0, 0));
  fields.remove("F");
  char room[128];
  Writer to(room, sizeof room);
  to.fields(fields, 0);
  EXPECT_EQ(to.view(), "A: 1\r\nB: 2\r\nC: 3\r\nD: four\r\nE: \r\nG: 7\r\nH: \r\nI: 9\r\n");
}

TEST(WriterTest, APieceOfSeveralFieldsThatDoesNotFitOverflows) {
  const std::string lines = "A: 1\r\nB: 2\r\n";
  testing::Memory memory;
  Headers fields;
  fields.init(memory.arena, 2);
  ASSERT_EQ(parse_fields(lines, kFieldName, fields), nullptr);
  for (size_t room = 0; room < lines.size(); ++room) {
    const auto bytes = std::make_unique<char[]>(room);
    Writer to(bytes.get(), room);
    to.fields(fields, 0);
    EXPECT_TRUE(to.overflow()) << room;
  }
}

TEST(WriterTest, AnEmptyViewIsNothing) {
  char room[8];
  Writer to(room, sizeof room);
  to.field(std::string_view{}, std::string_view{});
  EXPECT_EQ(to.view(), ": \r\n");
}

class WriterFieldsTest : public ::testing::Test {
 protected:
  void SetUp() override { headers_.init(memory_.arena, 8); }
  std::string written(uint64_t drop) {
    char room[512];
    Writer to(room, sizeof room);
    to.fields(headers_, drop);
    return std::string(to.view());
  }
  testing::Memory memory_;
  Headers headers_;
};

TEST_F(WriterFieldsTest, PassesHolesAndTheDropSet) {
  headers_.add("Host", "a"), headers_.add("x-one", "1"), headers_.add("Via", "v"), headers_.add("X-Two", "2");
  headers_.remove("x-one");
  EXPECT_EQ(written(0), "Host: a\r\nVia: v\r\nX-Two: 2\r\n");
  EXPECT_EQ(written(bit(FieldId::via)), "Host: a\r\nX-Two: 2\r\n");
}

TEST_F(WriterFieldsTest, PassesWhatTheConnectionFieldNames) {
  headers_.add("X-Hop", "1"), headers_.add("Connection", "close, x-hop"), headers_.add("Y", "2");
  EXPECT_EQ(written(kHopByHop), "Y: 2\r\n");
}

TEST_F(WriterFieldsTest, CloseAndKeepAliveNameNoField) {
  headers_.add("Close", "1"), headers_.add("Connection", "close");
  EXPECT_EQ(written(kHopByHop), "Close: 1\r\n");
}

TEST_F(WriterFieldsTest, HopByHopFieldsNeverPass) {
  for (std::string_view name : {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
                                "Upgrade", "Content-Length", "HTTP2-Settings"}) {
    headers_.init(memory_.arena, 1);
    headers_.add(name, "x");
    EXPECT_EQ(written(kHopByHop), "") << name;
  }
}

TEST(ChunkSizeTest, IsHexadecimalWithCrlf) {
  char room[18];
  const auto text = [&](uint64_t size) { return std::string(room, write_chunk_size(size, room)); };
  EXPECT_EQ(text(0), "0\r\n");
  EXPECT_EQ(text(6699), "1a2b\r\n");
  EXPECT_EQ(text(std::numeric_limits<uint64_t>::max()), "ffffffffffffffff\r\n");
}

TEST(ReasonPhraseTest, KnowsEveryStatusAFaultMayHave) {
  for (unsigned i = 0; i < static_cast<unsigned>(base::FaultKind::kCount); ++i) {
    const base::FaultInfo& info = base::info(static_cast<base::FaultKind>(i));
    if (info.status == 0 || info.status == 499) continue;
    EXPECT_NE(reason_phrase(info.status), "") << info.status;
  }
  EXPECT_EQ(reason_phrase(999), "");
}

TEST(ValidTest, NamesAreTokens) {
  EXPECT_TRUE(valid_name("X-Name_1"));
  for (std::string_view name : {"", "a b", "a:", "caf\xe9", "a\r\n", "(a)"}) EXPECT_FALSE(valid_name(name)) << name;
}

TEST(ValidTest, ValuesHaveNoControlsButTab) {
  EXPECT_TRUE(valid_value(""));
  EXPECT_TRUE(valid_value("a\tb \xe9"));
  for (int c = 0; c < 256; ++c) {
    for (size_t at : {0u, 3u, 7u, 8u, 15u, 16u, 20u}) {  // both ways of looking: by word and by byte
      std::string value(21, 'x');
      value[at] = static_cast<char>(c);
      EXPECT_EQ(valid_value(value), c == '\t' || (c >= 0x20 && c != 0x7f)) << c << " at " << at;
    }
  }
}

}  // namespace
}  // namespace rhumb::http
