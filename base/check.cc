// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/hash.h"
#include "base/log.h"
#include "base/log_writer.h"

namespace rhumb::base {
namespace {

std::atomic<uint64_t> g_bugs{0};

// Not by stdio: it would wait for who reads standard error, perhaps for ever.
[[noreturn]] void end_with(const char* kind, const char* what, const char* file, int line) noexcept {
  char text[1024];
  const int wanted = std::snprintf(text, sizeof text, "%s: %s at %s:%d", kind, what, file, line);
  const size_t size = std::min(static_cast<size_t>(wanted), sizeof text - 1);
  text[size] = '\n';
  last_words({text, size + 1});
  std::abort();
}

#ifdef NDEBUG
/// True the first time a place is seen. Places beyond the table count as seen: a storm of bugs must not become a storm
/// of log lines.
bool first_at(std::string_view file, int line) noexcept {
  static std::array<std::atomic<uint64_t>, 64> places{};
  const uint64_t place = hash64(file, static_cast<uint64_t>(line)) | 1;  // 0 is a free slot
  for (auto& slot : places) {
    uint64_t held = 0;
    if (slot.compare_exchange_strong(held, place, std::memory_order_relaxed)) return true;
    if (held == place) return false;
  }
  return false;
}
#endif

}  // namespace

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  end_with("assertion failed", expression, file, line);
}

void report_bug(const char* what, const char* file, int line) noexcept {
#ifndef NDEBUG
  end_with("bug", what, file, line);
#else
  g_bugs.fetch_add(1, std::memory_order_relaxed);
  if (first_at(file, line)) log(LogLevel::error, "bug: {} at {}:{}", what, file, line);
#endif
}

uint64_t bugs_seen() noexcept { return g_bugs.load(std::memory_order_relaxed); }

}  // namespace rhumb::base
