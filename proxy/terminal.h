// SPDX-License-Identifier: Apache-2.0
// What all commands share: their exit codes and their two streams.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>

namespace rhumb::proxy {

inline constexpr int kOk = 0, kFailure = 1, kUsage = 2, kBadConfig = 78;

/// On standard output, at once.
inline void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}
/// On standard error.
inline void complain(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }
/// The same with a line end: what a command could not do, and its exit code then.
inline int fail(std::string why, int code = kFailure) {
  complain(why += '\n');
  return code;
}

}  // namespace rhumb::proxy
