// SPDX-License-Identifier: Apache-2.0
// The error log, and the bounded rings behind every log. A producer thread writes whole lines into its own ring and
// never waits; a writer thread takes them out. A full ring drops the line and counts it.
#pragma once
#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::base {

enum class LogLevel : uint8_t { error, warning, info, debug };

/// Single-producer single-consumer ring of lines (bytes). push() on the producer's thread, drain() on the consumer's.
class LineRing {
 public:
  explicit LineRing(size_t bytes);  // rounded up to a power of two
  ~LineRing();
  LineRing(const LineRing&) = delete;
  LineRing& operator=(const LineRing&) = delete;

  /// Copies the line (which should end in '\n'). False when it does not fit: dropped and counted.
  bool push(std::string_view line) noexcept;
  /// Appends whole lines to `out`, up to `limit` bytes (more only for a single line longer than that); returns how
  /// many.
  size_t drain(std::string& out, size_t limit);
  uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
  bool empty() const noexcept;

 private:
  std::unique_ptr<char[]> data_;
  size_t mask_;
  alignas(64) std::atomic<uint64_t> head_{0};  // written by the producer
  alignas(64) std::atomic<uint64_t> tail_{0};  // written by the consumer
  alignas(64) std::atomic<uint64_t> dropped_{0};
};

/// Threshold of the error log; default info. Any thread.
void set_log_level(LogLevel level) noexcept;
bool log_enabled(LogLevel level) noexcept;
/// One line to stderr: "2026-01-02T03:04:05.678Z level message". In a gateway it does not wait for who reads it
/// (log_writer.h), but it locks and allocates: never from the request path. Where stderr is the journal (it matches
/// JOURNAL_STREAM) the line starts with "<N>" (sd-daemon(3)) and carries no time. Control characters and invalid UTF-8
/// become \xNN. The same line again and again is limited: log_limit.h. Any thread.
void log_line(LogLevel level, std::string_view message) noexcept;
/// The same without that limit: for what must be told each time, such as the audit. The caller bounds how often.
void log_always(LogLevel level, std::string_view message) noexcept;

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}

/// Appends `text` as the inside of a JSON string: < 0x20, 0x7f, quote, backslash and invalid UTF-8 escaped (\u00XX).
/// Returns the new end; `to` must have room for 6 * text.size() bytes.
char* json_escape(std::string_view text, char* to) noexcept;
/// `text` as a JSON string, quotes included. Allocates.
std::string json_text(std::string_view text);
/// `texts` as a JSON list of such strings.
std::string json_list(const std::vector<std::string>& texts);

}  // namespace rhumb::base
