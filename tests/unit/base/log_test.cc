// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "base/log_limit.h"
#include "base/random.h"

namespace rhumb::base {
namespace {

std::string line_of(size_t number, size_t size) {
  std::string line = std::to_string(number) + ":";
  line.append(size, static_cast<char>('a' + number % 26));
  return line + "\n";
}

TEST(LineRing, GivesLinesBackInOrder) {
  LineRing ring(1024);
  EXPECT_TRUE(ring.empty());
  EXPECT_TRUE(ring.push("one\n"));
  EXPECT_TRUE(ring.push("two\n"));
  EXPECT_FALSE(ring.empty());
  std::string out = "zero\n";
  EXPECT_EQ(ring.drain(out, 1024), 8u);
  EXPECT_EQ(out, "zero\none\ntwo\n");
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.drain(out, 1024), 0u);
}

TEST(LineRing, WrapsWithoutLosingAByte) {
  LineRing ring(128);
  Random random(1);
  std::string expected, out;
  for (size_t i = 0; i < 5000; ++i) {
    const std::string line = line_of(i, random.below(40));
    if (ring.push(line)) expected += line;
    if (random.below(3) == 0) ring.drain(out, 200);
  }
  ring.drain(out, 200);
  EXPECT_EQ(out, expected);
}

TEST(LineRing, TakesExactlyWhatItHasRoomForAndCountsTheRest) {
  LineRing ring(100);  // rounded up to 128
  EXPECT_TRUE(ring.push(std::string(127, 'x') + "\n"));
  EXPECT_FALSE(ring.push("\n"));
  EXPECT_FALSE(ring.push(std::string(128, 'x') + "\n"));
  EXPECT_TRUE(ring.push({}));
  EXPECT_EQ(ring.dropped(), 2u);
  std::string out;
  EXPECT_EQ(ring.drain(out, 1024), 128u);
  EXPECT_TRUE(ring.push("\n"));
  EXPECT_FALSE(ring.push(std::string(128, 'x')));  // could not ever fit
  EXPECT_EQ(ring.dropped(), 3u);
}

TEST(LineRing, DrainsWholeLinesUpToTheLimit) {
  LineRing ring(1024);
  for (const char* line : {"aaaa\n", "bbbb\n", "cccc\n"}) ring.push(line);
  std::string out;
  EXPECT_EQ(ring.drain(out, 14), 10u);
  EXPECT_EQ(out, "aaaa\nbbbb\n");
  EXPECT_EQ(ring.drain(out, 5), 5u);
  EXPECT_TRUE(ring.empty());
}

TEST(LineRing, DrainsALineThatIsLongerThanTheLimitInOnePiece) {
  LineRing ring(1024);
  ring.push("a long line\n");
  ring.push("b\n");
  std::string out;
  EXPECT_EQ(ring.drain(out, 4), 12u);
  EXPECT_EQ(out, "a long line\n");
  EXPECT_EQ(ring.drain(out, 4), 2u);
}

TEST(LineRing, LosesNothingUncountedBetweenTwoThreads) {
  constexpr size_t kLines = 50'000;
  LineRing ring(512);
  std::atomic<bool> finished{false};
  std::thread producer([&] {
    for (size_t i = 0; i < kLines; ++i) ring.push(line_of(i, i % 23));
    finished.store(true, std::memory_order_release);
  });
  std::string out;
  for (bool last = false; !last;) {
    last = finished.load(std::memory_order_acquire);
    ring.drain(out, 300);
    while (last && ring.drain(out, 300) > 0) {
    }
  }
  producer.join();
  size_t lines = 0, next = 0;
  for (std::string_view rest = out; !rest.empty(); ++lines) {
    const size_t number = std::strtoull(rest.data(), nullptr, 10);
    ASSERT_GE(number, next);
    const std::string expected = line_of(number, number % 23);
    ASSERT_EQ(rest.substr(0, expected.size()), expected);
    rest.remove_prefix(expected.size());
    next = number + 1;
  }
  EXPECT_EQ(lines + ring.dropped(), kLines);
}

/// Stands in for stderr and keeps the borders between writes.
class StderrCapture {
 public:
  StderrCapture() : saved_(::dup(2)) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair_), 0);
    ::dup2(pair_[1], 2);
  }
  ~StderrCapture() {
    ::dup2(saved_, 2);
    for (const int fd : {pair_[0], pair_[1], saved_}) ::close(fd);
  }
  /// All writes so far.
  std::vector<std::string> writes() {
    std::vector<std::string> out;
    char buffer[65536];
    for (ssize_t n; (n = ::recv(pair_[0], buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
      out.emplace_back(buffer, static_cast<size_t>(n));
    return out;
  }

 private:
  int saved_;
  int pair_[2]{};
};

class LogTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("JOURNAL_STREAM"); }
  void TearDown() override {
    ::unsetenv("JOURNAL_STREAM");
    set_log_level(LogLevel::info);
  }
  static std::vector<std::string> logged(LogLevel level, std::string_view message) {
    StderrCapture capture;
    log_line(level, message);
    return capture.writes();
  }
};

TEST_F(LogTest, WritesALineInOneWriteWithTimeAndLevel) {
  const auto writes = logged(LogLevel::warning, "region eu-west is down");
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_THAT(writes[0], testing::MatchesRegex("....-..-..T..:..:......Z warning region eu-west is down\n"));
  for (const size_t digit : {0, 3, 5, 8, 11, 14, 17, 20, 22})
    EXPECT_TRUE(writes[0][digit] >= '0' && writes[0][digit] <= '9') << writes[0];
}

TEST_F(LogTest, LeavesOutTheTimeWhereStderrIsTheJournal) {
  StderrCapture capture;
  struct stat info {};
  ASSERT_EQ(::fstat(2, &info), 0);
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", info.st_dev, info.st_ino).c_str(), 1);
  log_line(LogLevel::error, "a");
  log_line(LogLevel::warning, "b");
  log_line(LogLevel::info, "c");
  log_line(LogLevel::debug, "d");
  EXPECT_EQ(capture.writes(), (std::vector<std::string>{"<3>a\n", "<4>b\n", "<6>c\n", "<7>d\n"}));
}

TEST_F(LogTest, DoesNotTakeAnInheritedVariableForTheJournal) {
  for (const char* stream : {"1:2", "nonsense", ""}) {
    ::setenv("JOURNAL_STREAM", stream, 1);
    const auto writes = logged(LogLevel::info, "hello");
    ASSERT_EQ(writes.size(), 1u);
    EXPECT_THAT(writes[0], testing::EndsWith("Z info hello\n")) << stream;
  }
}

TEST_F(LogTest, S27_EscapesWhateverCouldForgeALineOrDisturbATerminal) {
  const std::pair<std::string, std::string> cases[] = {
      {"a\nb\r", "a\\x0ab\\x0d"},
      {"\x1b[31m", "\\x1b[31m"},
      {std::string("\0", 1), "\\x00"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\xc2\\x9b31m"},
      {"\xff\xc3", "\\xff\\xc3"},
      {"caf\xc3\xa9", "caf\xc3\xa9"},
      {"\xc2\xa0", "\xc2\xa0"},
  };
  for (const auto& [message, shown] : cases) {
    const auto writes = logged(LogLevel::info, message);
    ASSERT_EQ(writes.size(), 1u);
    EXPECT_THAT(writes[0], testing::EndsWith(" info " + shown + "\n"));
  }
}

TEST_F(LogTest, SaysNothingBelowItsThreshold) {
  StderrCapture capture;
  set_log_level(LogLevel::warning);
  EXPECT_TRUE(log_enabled(LogLevel::error));
  EXPECT_TRUE(log_enabled(LogLevel::warning));
  EXPECT_FALSE(log_enabled(LogLevel::info));
  log(LogLevel::info, "quiet {}", 1);
  log(LogLevel::error, "loud {}", 2);
  const auto writes = capture.writes();
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_THAT(writes[0], testing::EndsWith(" error loud 2\n"));
}

TEST_F(LogTest, DoesNotSayTheSameThingAHundredTimesAndCountsThat) {
  const uint64_t before = suppressed_log_lines();
  size_t said = 0;
  {
    StderrCapture capture;
    for (int i = 0; i < 100; ++i) log(LogLevel::warning, "the same with number {}", i);
    for (const std::string& line : capture.writes()) said += line.find("warning the same with") != std::string::npos;
  }
  EXPECT_EQ(said + (suppressed_log_lines() - before), 100u);
  EXPECT_GE(said, LogLimit::kPerSecond);
  EXPECT_LT(said, 100u);
}

std::string escaped(std::string_view text) {
  std::string out(text.size() * 6, '#');
  out.resize(static_cast<size_t>(json_escape(text, out.data()) - out.data()));
  return out;
}

TEST(JsonText, OfManyIsAList) {
  EXPECT_EQ(json_list({}), "[]");
  EXPECT_EQ(json_list({"a", "b\"c"}), R"(["a","b\"c"])");
}

TEST(JsonText, IsTheEscapedTextInQuotes) {
  EXPECT_EQ(json_text(""), "\"\"");
  EXPECT_EQ(json_text("a \"b\"\n\xff"), "\"a \\\"b\\\"\\u000a\\u00ff\"");
}

TEST(JsonEscape, LeavesPlainTextAndValidUtf8Alone) {
  for (const char* text : {"", "plain /path?q=1", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\x8d", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xe0\xa0\x80", "\xf0\x90\x80\x80"})
    EXPECT_EQ(escaped(text), text);
}

TEST(JsonEscape, EscapesQuotesBackslashesAndControls) {
  EXPECT_EQ(escaped("say \"hi\" \\ there"), "say \\\"hi\\\" \\\\ there");
  for (int c = 0; c < 0x20; ++c) EXPECT_EQ(escaped(std::string(1, static_cast<char>(c))), fmt::format("\\u{:04x}", c));
  EXPECT_EQ(escaped("\x7f"), "\\u007f");
}

TEST(JsonEscape, S27_EscapesEveryByteThatIsNotValidUtf8) {
  const struct {
    const char *text, *out;
  } cases[] = {
      {"\x80", "\\u0080"},                                   // a tail without a head
      {"\xff", "\\u00ff"},                                   // never in UTF-8
      {"\xc3", "\\u00c3"},                                   // cut at the end
      {"\xc3(", "\\u00c3("},                                 // cut by an ASCII character
      {"\xc3\"", "\\u00c3\\\""},                             // cut by one that must be escaped itself
      {"\xc0\xaf", "\\u00c0\\u00af"},                        // overlong '/'
      {"\xc1\xbf", "\\u00c1\\u00bf"},                        // overlong
      {"\xe0\x9f\xbf", "\\u00e0\\u009f\\u00bf"},             // overlong
      {"\xf0\x8f\xbf\xbf", "\\u00f0\\u008f\\u00bf\\u00bf"},  // overlong
      {"\xed\xa0\x80", "\\u00ed\\u00a0\\u0080"},             // a surrogate
      {"\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080"},  // beyond U+10FFFF
      {"\xf5\x80\x80\x80", "\\u00f5\\u0080\\u0080\\u0080"},  // beyond U+10FFFF
      {"\xe2\x82", "\\u00e2\\u0082"},                        // cut at the end
      {"\xf0\x9f\x8c", "\\u00f0\\u009f\\u008c"},             // cut at the end
      {"\xe2\x82\xc3\xa9", "\\u00e2\\u0082\xc3\xa9"},        // cut by a valid character
  };
  for (const auto& c : cases) EXPECT_EQ(escaped(c.text), c.out);
}

TEST(JsonEscape, NeedsAtMostSixBytesForEachAndNeverReadsBeyondTheEnd) {
  // Each view ends where its memory ends, so a sanitizer would see a look too far.
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    std::vector<char> text(random.below(12));
    for (char& c : text) c = static_cast<char>(random.below(3) == 0 ? random.below(128) : 0xc0 + random.below(64));
    const std::string out = escaped({text.data(), text.size()});
    EXPECT_LE(out.size(), text.size() * 6);
    EXPECT_EQ(out.find_first_of("\n\t"), std::string::npos);
  }
}

}  // namespace
}  // namespace rhumb::base
