// SPDX-License-Identifier: Apache-2.0
// A path pattern as a program of steps, and the ways through it: what the table and the sets of a pattern are made
// from. Lives while the configuration is read; that thread.
#pragma once
#include <cstdint>
#include <vector>

#include "decision/pattern_parser.h"

namespace rhumb::decision {

/// A fork goes both ways; begin, end and the edges of words go on where they hold.
struct PatternStep {
  enum class Kind : uint8_t { bytes, fork, begin, end, word_edge, no_word_edge, match };
  Kind kind;
  uint16_t next = 0, other = 0;
  PathBytes bytes;
};

class PatternProgram {
 public:
  static constexpr size_t kMaxSteps = 8192;

  explicit PatternProgram(const PatternNode& pattern);
  /// False: it would have more steps than that, and is not whole.
  bool fits() const noexcept { return steps_.size() < kMaxSteps; }
  uint16_t start() const noexcept { return start_; }
  const std::vector<PatternStep>& steps() const noexcept { return steps_; }
  bool has_word_edges() const noexcept;

 private:
  uint16_t add(PatternStep step);
  uint16_t emit(const PatternNode& node, uint16_t next);
  uint16_t either(const PatternNode& node, uint16_t next);
  uint16_t repeat(const PatternNode& node, uint16_t next);

  std::vector<PatternStep> steps_;
  uint16_t start_ = 0;
};

/// The character before a place in a path: none, or what an edge of a word wants to know of it.
enum class PatternBefore : uint8_t { begin, other, word };
inline constexpr unsigned kPatternEnd = 128;  // the next character when there is none

class PatternWays {
 public:
  explicit PatternWays(const PatternProgram& program) : steps_(program.steps()) {}

  /// Visits the steps that take a character, or match, on all ways from `open` on, as f(number, step).
  template <class F>
  void from(std::vector<uint16_t> open, PatternBefore before, unsigned next, F&& f) {
    seen_.assign(steps_.size(), false);
    while (!open.empty()) {
      const uint16_t at = open.back();
      open.pop_back();
      ++work_;
      if (seen_[at]) continue;
      seen_[at] = true;
      const PatternStep& step = steps_[at];
      if (step.kind == PatternStep::Kind::bytes || step.kind == PatternStep::Kind::match) {
        f(at, step);
      } else if (holds(step, before, next)) {
        open.push_back(step.next);
        if (step.kind == PatternStep::Kind::fork) open.push_back(step.other);
      }
    }
  }
  /// Steps looked at so far.
  uint64_t work() const noexcept { return work_; }

 private:
  static bool holds(const PatternStep& step, PatternBefore before, unsigned next) noexcept;

  const std::vector<PatternStep>& steps_;
  std::vector<bool> seen_;
  uint64_t work_ = 0;
};

}  // namespace rhumb::decision
