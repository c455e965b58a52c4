// SPDX-License-Identifier: Apache-2.0
// A pattern for whole paths, in RE2's syntax, made ready while the configuration is read: as a table of all states it
// can be in, one step a character; or, when those are too many, as sets of places. No memory and no lock while it
// matches, and the work has a bound that no path changes. RE2 itself makes its states while it sees new texts, and
// falls back to a much slower way when they are too many: who sends the paths decides that. Immutable; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decision/pattern_sets.h"

namespace rhumb::decision {

class PathPattern {
 public:
  static constexpr size_t kMaxStates = 2048;

  /// The error says what RE2 has against it, what is not supported here (pattern_parser.h), or that it is too complex.
  static base::Result<PathPattern, std::string> compile(std::string_view pattern);

  /// Does it match the whole path, which is canonical? Adds to `work` what that took; false when it is over its limit.
  bool matches(std::string_view path, PatternWork& work) const noexcept {
    if (sets_) return sets_->matches(path, work);
    uint32_t row = kStart * columns_;
    size_t at = 0;
    for (; at < path.size() && row != 0; ++at) row = next_[row + column_of_[static_cast<uint8_t>(path[at])]];
    work.done += at;
    return accepts_[row / columns_] != 0 && !work.over();
  }
  bool is_table() const noexcept { return !sets_; }

 private:
  friend class PatternTable;
  // Row 0 is where nothing can match any more; column 0 is of characters no path holds.
  static constexpr uint32_t kStart = 1;
  std::array<uint8_t, 256> column_of_{};
  uint32_t columns_ = 1;
  std::vector<uint32_t> next_;    // rows x columns: where the next row begins
  std::vector<uint8_t> accepts_;  // a path that ends in the row is matched
  std::optional<PatternSets> sets_;
};

}  // namespace rhumb::decision
