// SPDX-License-Identifier: Apache-2.0
// Row S29: work grows with the input and no faster. Not timed: bytes that were looked at are made unreadable (where
// AddressSanitizer is, and the suite has it), and memory is counted.
#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include <memory>
#include <string>

#include "http/h1_parser.h"
#include "tests/unit/http/http_testing.h"

namespace rhumb::http {
namespace {

std::string head_of(int fields) {
  std::string text = "GET /a/b?c=d HTTP/1.1\r\nHost: example.com\r\n";
  for (int i = 0; i < fields; ++i) text += "X-Field-" + std::to_string(i) + ": some value\r\n";
  return text + "\r\n";
}

TEST(Linear, S29_AHeadThatDripsIsNotReadFromItsStartEachTime) {
  const std::string text = head_of(50);
  const size_t line_end = text.find("\r\n") + 2;
  const auto bytes = std::make_unique<char[]>(text.size());
  text.copy(bytes.get(), text.size());
  testing::Memory memory;
  RequestParser parser;
  RequestHead head;
  for (size_t size = 1; size < text.size(); ++size) {
    // The first bytes tell what it is, the last ones may be half of a line's end; all between was judged.
    constexpr size_t kFirst = 8, kLast = 8;
    const bool old = size > line_end + kFirst + kLast;
    if (old) ASAN_POISON_MEMORY_REGION(bytes.get() + kFirst, size - kFirst - kLast);
    EXPECT_EQ(parser.feed({bytes.get(), size}, memory.arena, head).status, ParseStatus::need_more);
    if (old) ASAN_UNPOISON_MEMORY_REGION(bytes.get() + kFirst, size - kFirst - kLast);
  }
  EXPECT_EQ(parser.feed({bytes.get(), text.size()}, memory.arena, head).status, ParseStatus::done);
  EXPECT_EQ(head.fields.all().size(), 51u);
}

/// Arena bytes a head of so many fields takes.
size_t arena_bytes(int fields) {
  const std::string text = head_of(fields);
  testing::Memory memory;
  const char* before = memory.arena.allocate_chars(1);
  RequestHead head;
  EXPECT_EQ(RequestParser({8192, 64 * 1024, 1000}).feed(text, memory.arena, head).status, ParseStatus::done);
  const char* after = memory.arena.allocate_chars(1);
  return static_cast<size_t>(after - before);
}

TEST(Linear, S29_TenTimesTheFieldsTakeAboutTenTimesTheMemory) {
  const size_t few = arena_bytes(4), many = arena_bytes(40);
  EXPECT_GT(many, few);
  EXPECT_LE(many, 12 * few);
}

/// Steps the decoder takes for a body of so many chunks.
size_t steps(int chunks) {
  std::string text;
  for (int i = 0; i < chunks; ++i) text += "5\r\nhello\r\n";
  text += "0\r\n\r\n";
  BodyDecoder decoder;
  decoder.start({BodyKind::chunked, 0}, base::FaultKind::bad_request);
  size_t count = 0;
  for (std::string_view rest = text; !decoder.done(); ++count) {
    const BodyDecoder::Step step = decoder.next(rest);
    EXPECT_FALSE(step.failed);
    if (step.failed) return 0;
    rest.remove_prefix(step.consumed);
  }
  return count;
}

TEST(Linear, S29_OptionsOfConnectionTakeTheirFieldsAwayAndNoOthers) {
  std::string options, fields;
  for (int i = 0; i < 32; ++i) options += (i == 0 ? "" : ",") + std::string(300, 'a') + std::to_string(1000 + i);
  for (int i = 0; i < 60; ++i) fields += std::string(300, 'A') + std::to_string(1020 + i) + ": 1\r\n";
  testing::Memory memory;
  RequestHead head;
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\nConnection: " + options + "\r\n" + fields + "\r\n";
  ASSERT_EQ(RequestParser().feed(text, memory.arena, head).status, ParseStatus::done);
  size_t left = 0;
  for (const Field& field : head.fields.all()) left += field.id == FieldId::other ? 1 : 0;
  EXPECT_EQ(left, 48u);
}

TEST(Linear, S29_TenTimesTheChunksTakeAboutTenTimesTheSteps) {
  EXPECT_GT(steps(1000), steps(100));
  EXPECT_LE(steps(1000), 12 * steps(100));
}

}  // namespace
}  // namespace rhumb::http
