// SPDX-License-Identifier: Apache-2.0
// Impossible states. RHUMB_ASSERT is always on and ends the process with place and expression.
// RHUMB_BUG is for states that are wrong but survivable: it aborts in debug builds, and logs (once a place) and
// counts in release builds. Untrusted input is never checked with either.
#pragma once
#include <cstdint>

namespace rhumb::base {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
void report_bug(const char* what, const char* file, int line) noexcept;
/// How many RHUMB_BUGs this process has survived. Any thread.
uint64_t bugs_seen() noexcept;

}  // namespace rhumb::base

#define RHUMB_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::rhumb::base::assertion_failed(#expression, __FILE__, __LINE__))
#define RHUMB_BUG(what) ::rhumb::base::report_bug(what, __FILE__, __LINE__)
