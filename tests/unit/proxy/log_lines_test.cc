// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_lines.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "net/socket.h"

namespace rhumb::proxy {
namespace {

using Lines = std::vector<std::string>;

net::Fd log_file_with(const std::string& text) {
  char name[] = "/tmp/rhumb-log-XXXXXX";
  net::Fd fd(::mkstemp(name));
  ::unlink(name);
  for (size_t done = 0; done < text.size();) {
    const ssize_t n = ::pwrite(fd.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (n <= 0) return {};
    done += static_cast<size_t>(n);
  }
  return fd;
}

/// A pipe in which `text` comes piece by piece, as far as the reader wants it.
LinesRead read_piped(const std::string& text, const TakeLine& take) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  net::Fd from(ends[0]), to(ends[1]);
  std::thread writer([&] {
    for (size_t at = 0; at < text.size(); at += 4096)
      if (::write(to.get(), text.data() + at, std::min<size_t>(4096, text.size() - at)) <= 0) break;
    to.reset();
  });
  const LinesRead read = read_lines(from.get(), take);
  writer.join();
  return read;
}

struct GotLines {
  Lines lines;
  TakeLine take = [this](std::string_view line) { return lines.emplace_back(line), true; };
};

Lines forwards(const std::string& text) {
  GotLines got;
  EXPECT_EQ(read_piped(text, got.take).error, 0);
  return got.lines;
}

Lines backwards(const std::string& text) {
  GotLines got;
  EXPECT_EQ(read_lines_backwards(log_file_with(text).get(), got.take).error, 0);
  return got.lines;
}

TEST(LogLines, ComeInOrderOrTheLastFirst) {
  EXPECT_EQ(forwards("a\nbb\nccc\n"), (Lines{"a", "bb", "ccc"}));
  EXPECT_EQ(backwards("a\nbb\nccc\n"), (Lines{"ccc", "bb", "a"}));
}

TEST(LogLines, ALineWithoutItsEndIsOneTooAndAnEmptyOneIsNone) {
  EXPECT_EQ(forwards("a\n\n\nb"), (Lines{"a", "b"}));
  EXPECT_EQ(backwards("\na\n\n\nb"), (Lines{"b", "a"}));
  EXPECT_EQ(forwards(""), Lines{});
  EXPECT_EQ(backwards(""), Lines{});
  EXPECT_EQ(backwards("\n\n"), Lines{});
}

TEST(LogLines, LinesOfEveryLengthSurviveTheBordersOfBlocks) {
  std::string text;
  Lines all;
  for (size_t i = 0; i < 300; ++i) {
    all.push_back(std::string(1 + i * 37 % 4096, static_cast<char>('a' + i % 26)) + std::to_string(i));
    text += all.back() + "\n";
  }
  text.insert(0, std::string(200'000, 'x') + "\n");  // longer than a block
  all.insert(all.begin(), std::string(200'000, 'x'));
  EXPECT_EQ(forwards(text), all);
  std::reverse(all.begin(), all.end());
  EXPECT_EQ(backwards(text), all);
}

TEST(LogLines, OneThatIsTooLongIsPassedOverAndCounted) {
  const std::string longest(kLongestLogLine, 'y');
  const std::string text = "a\n" + longest + "x\nb\n" + longest + "\n" + longest + longest + "\nc\n";
  GotLines got;
  EXPECT_EQ(read_piped(text, got.take).too_long, 2u);
  EXPECT_EQ(got.lines, (Lines{"a", "b", longest, "c"}));
  got.lines.clear();
  EXPECT_EQ(read_lines_backwards(log_file_with(text).get(), got.take).too_long, 2u);
  EXPECT_EQ(got.lines, (Lines{"c", longest, "b", "a"}));
}

TEST(LogLines, EnoughIsEnough) {
  Lines lines;
  const TakeLine until_b = [&](std::string_view line) { return lines.emplace_back(line), line != "b"; };
  read_piped("a\nb\nc\n", until_b);
  EXPECT_EQ(lines, (Lines{"a", "b"}));
  lines.clear();
  read_lines_backwards(log_file_with("a\nb\nc\n").get(), until_b);
  EXPECT_EQ(lines, (Lines{"c", "b"}));
}

TEST(LogLines, WhatCannotBeReadIsSaid) {
  GotLines got;
  EXPECT_EQ(read_lines(-1, got.take).error, EBADF);
  EXPECT_EQ(read_lines_backwards(-1, got.take).error, EBADF);
}

}  // namespace
}  // namespace rhumb::proxy
