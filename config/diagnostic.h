// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration, where, and what would be right. Values; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
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

/// Collects; sorts by place when asked. Loading goes on after an error, so that all are reported in one pass. Also
/// knows which parts of the files may be repeated: those that a table says are no secrets. What nobody has opened is
/// neither in a message nor in a line that render() shows.
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

  /// What stands there, a key or a value, is no secret.
  void open(const Place& place) { open_.insert(open_.end(), place); }
  bool is_open(const Place& place) const { return open_.contains(place); }
  /// Those of the line of `place`, by column.
  std::vector<Place> open_beside(const Place& place) const;
  /// What stands there as the subject of a message: "'eu-wets'" if it is open and one word, else "the value".
  std::string said(std::string_view text, const Place& place) const;
  /// The same behind what it is ("region"): " 'eu-wets'", else nothing.
  std::string named(std::string_view text, const Place& place) const;
  /// Words of somebody else about it, with "***" in its place when it may not be said.
  std::string without(std::string words, std::string_view text, const Place& place) const;

 private:
  struct ByStart {
    bool operator()(const Place& a, const Place& b) const noexcept;
  };
  std::vector<Diagnostic> all_;
  std::set<Place, ByStart> open_;
  size_t errors_ = 0, warnings_ = 0;
};

/// "E0103", "W0170".
std::string code_name(uint16_t code, Severity severity);

/// What `rhumb help E0103` prints: title and one paragraph. Takes "E0103", "e103" or "103"; nothing for an unknown
/// code.
std::optional<std::string> help_for(std::string_view code);

/// A text fit for a message: cut after 60 characters, control characters escaped. Whether a value of a file may be
/// there at all, Diagnostics::said() tells.
std::string shown(std::string_view value);

/// Nothing in it divides words. What lost its comma or quote ("ops, secret: x"), carries a user and password
/// ("https://a:b@c") or a query is no one word.
bool is_one_word(std::string_view text) noexcept;

/// The nearest of `names` within edit distance 2 (Damerau), or empty.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace rhumb::config
