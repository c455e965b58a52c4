// SPDX-License-Identifier: Apache-2.0
// What a disk said about the files of one configuration: their texts, what patterns match, and what could not be read.
// A process that reads a configuration for another one hands this over, and the other loads it without opening a file.
// Values; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::config {

/// Why something cannot be had; code 0 when it can.
struct Problem {
  uint16_t code = 0;
  std::string message, hint;
  bool operator==(const Problem&) const = default;
};

struct FileText {
  std::string path;      // as it was asked for
  std::string identity;  // one file has one, by whatever path it was asked for
  std::string text;
  Problem problem;
  bool operator==(const FileText&) const = default;
};

struct Match {
  std::string pattern;
  std::vector<std::string> paths;  // sorted
  Problem problem;
  bool operator==(const Match&) const = default;
};

struct Bundle {
  std::vector<FileText> files;  // in the order they were asked for
  std::vector<Match> matches;
  bool operator==(const Bundle&) const = default;
};

/// More than the files of one configuration (include.h) and their names can take.
inline constexpr size_t kMaxBundleBytes = 32 << 20;

std::string encode(const Bundle& bundle);
/// Nothing when these are not the bytes of a whole bundle. Safe with any bytes; takes no more memory than they do,
/// times a constant.
std::optional<Bundle> decode(std::string_view bytes);

}  // namespace rhumb::config
