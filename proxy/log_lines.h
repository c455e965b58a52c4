// SPDX-License-Identifier: Apache-2.0
// A log read line by line in bounded memory: in order, or a file from its end, where what is looked for mostly stands.
// Blocks; for the command line alone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace rhumb::proxy {

/// Longer lines are passed over; the gateway's own are shorter.
inline constexpr size_t kLongestLogLine = 256 * 1024;

/// Is given a line without its end, valid during the call; false: enough. Empty lines are left out.
using TakeLine = std::function<bool(std::string_view)>;

struct LinesRead {
  uint64_t too_long = 0;  // lines that were passed over
  int error = 0;          // errno; 0: all was read, or enough
};

/// To the end of what `fd` gives.
LinesRead read_lines(int fd, const TakeLine& take);
/// Of a regular file as long as it is now, the last line first.
LinesRead read_lines_backwards(int fd, const TakeLine& take);

}  // namespace rhumb::proxy
