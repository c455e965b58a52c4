// SPDX-License-Identifier: Apache-2.0
// A path pattern as sets of places in it, for those that have too many states for a table: where the pattern may be is
// a set of bits, and each character makes the next set of it. Slower than a table, as long as the set is large, and
// never worse. No memory while it matches. Immutable; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "decision/pattern_program.h"

namespace rhumb::decision {

/// What patterns have cost for one request, in units of about a nanosecond.
struct PatternWork {
  uint64_t done = 0;
  uint64_t limit = UINT64_MAX;
  bool over() const noexcept { return done > limit; }
};

class PatternSets {
 public:
  static constexpr size_t kMaxPlaces = 1024;

  /// Nothing when it has more places than that, or asks for edges of words.
  static std::optional<PatternSets> make(const PatternProgram& program);
  /// As PathPattern::matches(). False once the work is over its limit.
  bool matches(std::string_view path, PatternWork& work) const noexcept;

 private:
  using Word = uint64_t;
  static constexpr size_t kBits = 64, kMaxWords = kMaxPlaces / kBits;

  void follow(PatternWays& ways, uint16_t start, PatternBefore before, Word* to) const;
  static bool reaches_match(PatternWays& ways, uint16_t start, PatternBefore before);

  std::vector<uint16_t> place_of_;        // of each step that takes a character; while it is made
  size_t words_ = 1;                      // of a set
  std::vector<Word> first_;               // a set: where a path may begin
  std::vector<Word> last_;                // a set: where it may end
  std::vector<Word> next_;                // a set for each place
  std::array<uint8_t, 256> column_of_{};  // characters that no place tells apart
  std::vector<Word> takes_;               // a set for each column: the places that take such a character
  bool matches_empty_ = false;
};

}  // namespace rhumb::decision
