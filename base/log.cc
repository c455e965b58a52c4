// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>

#include "base/log_limit.h"
#include "base/log_writer.h"

namespace rhumb::base {
namespace {

std::atomic<LogLevel> g_level{LogLevel::info};
constexpr std::array<std::string_view, 4> kNames{"error", "warning", "info", "debug"};
constexpr std::array<int, 4> kPriorities{3, 4, 6, 7};  // syslog(3)
constexpr char kHex[] = "0123456789abcdef";

/// The variable alone proves nothing: a shell started by a service inherits it (systemd.exec(5)).
bool stderr_is_journal() noexcept {
  const char* stream = std::getenv("JOURNAL_STREAM");
  unsigned long long device = 0, inode = 0;
  struct stat info {};
  return stream != nullptr && std::sscanf(stream, "%llu:%llu", &device, &inode) == 2 && ::fstat(2, &info) == 0 &&
         info.st_dev == device && info.st_ino == inode;
}

std::string prefix(LogLevel level) {
  const auto index = static_cast<size_t>(level);
  if (stderr_is_journal()) return fmt::format("<{}>", kPriorities[index]);
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {} ", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000, kNames[index]);
}

/// Length of the valid UTF-8 sequence at `at`, or 0 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
size_t utf8_length(std::string_view text, size_t at) noexcept {
  auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!tail(1) || !tail(2) || (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3) || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
      return 0;
    return 4;
  }
  return 0;
}

}  // namespace

LineRing::LineRing(size_t bytes) {
  const size_t size = std::bit_ceil(std::max<size_t>(bytes, 64));
  data_ = std::make_unique_for_overwrite<char[]>(size);  // pages nobody writes to cost nothing
  mask_ = size - 1;
}

LineRing::~LineRing() = default;

bool LineRing::push(std::string_view line) noexcept {
  if (line.empty()) return true;
  const uint64_t head = head_.load(std::memory_order_relaxed);
  const uint64_t used = head - tail_.load(std::memory_order_acquire);
  if (used + line.size() > mask_ + 1) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  const size_t at = head & mask_, first = std::min(line.size(), mask_ + 1 - at);
  std::memcpy(data_.get() + at, line.data(), first);
  std::memcpy(data_.get(), line.data() + first, line.size() - first);
  head_.store(head + line.size(), std::memory_order_release);
  return true;
}

size_t LineRing::drain(std::string& out, size_t limit) {
  const uint64_t tail = tail_.load(std::memory_order_relaxed);
  size_t size = static_cast<size_t>(head_.load(std::memory_order_acquire) - tail);
  if (size > limit) {
    // Whole lines: back to the last newline inside the limit, or, for one longer line, forward to its end.
    size_t cut = limit;
    while (cut > 0 && data_[(tail + cut - 1) & mask_] != '\n') --cut;
    if (cut == 0)
      for (cut = limit; cut < size && data_[(tail + cut - 1) & mask_] != '\n';) ++cut;
    size = cut;
  }
  const size_t at = tail & mask_, first = std::min(size, mask_ + 1 - at);
  out.append(data_.get() + at, first);
  out.append(data_.get(), size - first);
  tail_.store(tail + size, std::memory_order_release);
  return size;
}

bool LineRing::empty() const noexcept {
  return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
}

void set_log_level(LogLevel level) noexcept { g_level.store(level, std::memory_order_relaxed); }
bool log_enabled(LogLevel level) noexcept { return level <= g_level.load(std::memory_order_relaxed); }

std::string error_line(LogLevel level, std::string_view message) {
  std::string line = prefix(level);
  auto escape = [&](unsigned char byte) {
    line += "\\x";
    line += kHex[byte >> 4];
    line += kHex[byte & 15];
  };
  for (size_t i = 0; i < message.size();) {
    const auto byte = static_cast<unsigned char>(message[i]);
    const size_t length = utf8_length(message, i);
    // U+0080..U+009F are control characters to a terminal, too.
    const bool control = byte < 0x20 || byte == 0x7f || (byte == 0xc2 && length == 2 && (message[i + 1] & 0x60) == 0);
    const size_t taken = std::max<size_t>(length, 1);
    for (size_t k = i; k < i + taken; ++k) {
      if (control || length == 0) {
        escape(static_cast<unsigned char>(message[k]));
      } else {
        line += message[k];
      }
    }
    i += taken;
  }
  line += '\n';
  return line;
}

namespace {

std::mutex g_limit_lock;
LogLimit g_limit;

void settle(Instant now) {
  g_limit.settle(now, [](uint64_t count, std::string_view message) {
    say(error_line(LogLevel::warning, fmt::format("{} more were suppressed of: {}", count, message)));
  });
}

}  // namespace

void log_line(LogLevel level, std::string_view message) noexcept {
  const Instant now = SystemClock().now();
  const std::lock_guard lock(g_limit_lock);
  settle(now);
  if (g_limit.admit(message, now)) say(error_line(level, message));
}

void log_always(LogLevel level, std::string_view message) noexcept { say(error_line(level, message)); }

uint64_t suppressed_log_lines() noexcept {
  const std::lock_guard lock(g_limit_lock);
  return g_limit.left_out();
}

void settle_log() noexcept {
  const std::lock_guard lock(g_limit_lock);
  settle(SystemClock().now());
}

namespace {

/// Eight bytes that need no escaping: none of them below SP, a quote, a backslash, or above '~'. (The zero-byte test of
/// Mycroft, 1987.)
constexpr bool plain_bytes(uint64_t bytes) noexcept {
  constexpr uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
  const auto equal = [bytes](uint64_t c) { return ((bytes ^ c * ones) - ones) & ~(bytes ^ c * ones); };
  const uint64_t below = (bytes - ' ' * ones) & ~bytes;
  return ((below | equal('"') | equal('\\') | (bytes + ones) | bytes) & high) == 0;
}

/// Copies what needs no escaping from the beginning, eight bytes at a time; returns how many bytes. What is left may be
/// a little more of the same.
size_t copy_plain(std::string_view text, char* to) noexcept {
  if (text.empty()) return 0;
  uint64_t eight = 0;
  const auto copy = [&](size_t at) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if (!plain_bytes(eight)) return false;
    std::memcpy(to + at, &eight, sizeof eight);
    return true;
  };
  if (text.size() < sizeof eight) {
    // Filled up with letters, so that short words are looked at once, too.
    std::memset(&eight, 'x', sizeof eight);
    std::memcpy(&eight, text.data(), text.size());
    if (!plain_bytes(eight)) return 0;
    std::memcpy(to, text.data(), text.size());
    return text.size();
  }
  size_t done = 0;
  for (; text.size() - done >= sizeof eight; done += sizeof eight)
    if (!copy(done)) return done;
  return copy(text.size() - sizeof eight) ? text.size() : done;  // the last eight overlap those before
}

}  // namespace

char* json_escape(std::string_view text, char* to) noexcept {
  const size_t plain = copy_plain(text, to);
  to += plain;
  auto escape = [&](unsigned char byte) {
    std::memcpy(to, "\\u00", 4);
    to[4] = kHex[byte >> 4], to[5] = kHex[byte & 15];
    to += 6;
  };
  for (size_t i = plain; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = utf8_length(text, i);
    if (byte == '"' || byte == '\\') {
      *to++ = '\\';
      *to++ = text[i++];
    } else if (length == 0 || byte < 0x20 || byte == 0x7f) {
      escape(byte);
      ++i;
    } else {
      for (size_t k = 0; k < length; ++k) *to++ = text[i++];
    }
  }
  return to;
}

std::string json_text(std::string_view text) {
  std::string out(text.size() * 6 + 2, '"');
  char* const end = json_escape(text, out.data() + 1);
  *end = '"';
  out.resize(static_cast<size_t>(end + 1 - out.data()));
  return out;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + json_text(text);
  return out + "]";
}

}  // namespace rhumb::base
