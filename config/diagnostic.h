// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration, where, and what would be right. Values; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::config {

/// A place in one of the loaded files; line and column count from 1, columns in characters. line 0: no place, or, where
/// the file is not the first one, that source as a whole: a variable of the environment (overrides.h).
struct Place {
  uint16_t file = 0;  // index in the Source list
  uint32_t line = 0, column = 0;
  uint32_t length = 1;  // characters underlined
};

enum class Severity : uint8_t { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  uint16_t code = 0;  // 103 prints as E0103, or W0103 for a warning; listed in codes.h, explained in codes.cc
  Place place;
  std::string message;  // "unknown key 'wieght' in regions[1]"
  std::string hint;     // "did you mean 'weight'?", allowed values; may be empty
  Place other;          // the other end of a bad reference; line 0: none
  std::string other_note;
};

/// Collects; sorts by place when asked. Loading goes on after an error, so that all are reported in one pass.
class Diagnostics {
 public:
  void error(uint16_t code, Place place, std::string message, std::string hint = {});
  void warning(uint16_t code, Place place, std::string message, std::string hint = {});
  void add(Diagnostic d);
  bool has_errors() const noexcept { return errors_ > 0; }
  size_t errors() const noexcept { return errors_; }
  size_t warnings() const noexcept { return warnings_; }
  /// Sorted by file, line, column.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> all_;
  size_t errors_ = 0, warnings_ = 0;
};

/// "E0103", "W0170".
std::string code_name(uint16_t code, Severity severity);

/// What `rhumb help E0103` prints: title and one paragraph. Takes "E0103", "e103" or "103"; nothing for an unknown
/// code.
std::optional<std::string> help_for(std::string_view code);

/// A value as it may stand in a message: cut after 60 characters, control characters escaped.
std::string shown(std::string_view value);

/// The nearest of `names` within edit distance 2 (Damerau), or empty.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace rhumb::config
