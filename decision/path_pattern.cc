// SPDX-License-Identifier: Apache-2.0
#include "decision/path_pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace rhumb::decision {
namespace {

constexpr uint64_t kMaxWork = 4 * 1024 * 1024;  // steps looked at while the table is made
constexpr int64_t kCheckMemory = 1 << 20;       // RE2's, for its program

}  // namespace

/// Follows all ways through the program at once: a row is the set of steps that may come next, and what came before.
class PatternTable {
 public:
  explicit PatternTable(const PatternProgram& program)
      : program_(program), ways_(program), edges_(program.has_word_edges()) {
    divide_bytes();
  }

  /// False: too many rows.
  bool fill() {
    row_of({});
    row_of({PatternBefore::begin, {program_.start()}});
    for (size_t row = PathPattern::kStart; row < rows_.size(); ++row) {
      const Set set = rows_[row];  // a copy: rows are added
      table_.accepts_[row] = reaches_match(set);
      for (uint32_t column = 1; column < table_.columns_; ++column) {
        const uint32_t next = row_of(step(set, byte_of_[column]));
        table_.next_[row * table_.columns_ + column] = next * table_.columns_;
        if (rows_.size() > PathPattern::kMaxStates || ways_.work() > kMaxWork) return false;
      }
    }
    return true;
  }
  PathPattern take() { return std::move(table_); }

 private:
  struct Set {
    PatternBefore before = PatternBefore::begin;
    std::vector<uint16_t> steps;  // ascending
    bool operator<(const Set& o) const noexcept { return std::tie(before, steps) < std::tie(o.before, o.steps); }
  };

  /// Characters that no step and no edge of a word tells apart share a column.
  void divide_bytes() {
    const auto divide = [this](const auto& contains) {
      std::map<std::pair<uint8_t, bool>, uint8_t> parts;
      for (unsigned c = 0; c < 128; ++c) {
        const auto fresh = static_cast<uint8_t>(parts.size() + 1);
        table_.column_of_[c] = parts.try_emplace({table_.column_of_[c], contains(c)}, fresh).first->second;
      }
    };
    divide([](unsigned) { return true; });
    PathBytes before;
    for (const PatternStep& step : program_.steps()) {
      if (step.kind != PatternStep::Kind::bytes || step.bytes == before) continue;
      divide([&](unsigned c) { return step.bytes[c]; });
      before = step.bytes;
    }
    if (edges_) divide(is_word_byte);
    for (unsigned c = 0; c < 128; ++c) {
      table_.columns_ = std::max(table_.columns_, table_.column_of_[c] + 1u);
      byte_of_[table_.column_of_[c]] = c;
    }
  }

  uint32_t row_of(Set set) {
    if (set.steps.empty()) set.before = PatternBefore::begin;  // the row without a way on
    const auto [known, fresh] = numbers_.try_emplace(set, static_cast<uint32_t>(rows_.size()));
    if (fresh) {
      rows_.push_back(std::move(set));
      table_.accepts_.push_back(0);
      table_.next_.resize(table_.next_.size() + table_.columns_);
    }
    return known->second;
  }

  bool reaches_match(const Set& set) {
    bool match = false;
    ways_.from(set.steps, set.before, kPatternEnd,
               [&](uint16_t, const PatternStep& step) { match = match || step.kind == PatternStep::Kind::match; });
    return match;
  }

  Set step(const Set& from, unsigned byte) {
    Set to{edges_ && is_word_byte(byte) ? PatternBefore::word : PatternBefore::other, {}};
    ways_.from(from.steps, from.before, byte, [&](uint16_t, const PatternStep& step) {
      if (step.kind == PatternStep::Kind::bytes && step.bytes[byte]) to.steps.push_back(step.next);
    });
    std::sort(to.steps.begin(), to.steps.end());
    to.steps.erase(std::unique(to.steps.begin(), to.steps.end()), to.steps.end());
    return to;
  }

  const PatternProgram& program_;
  PatternWays ways_;
  bool edges_;
  PathPattern table_;
  std::array<unsigned, 256> byte_of_{};  // one of each column
  std::vector<Set> rows_;
  std::map<Set, uint32_t> numbers_;
};

/// Without the piece of the pattern: what stands there may be a variable's value, which is for nobody's eyes.
static std::string why_not(const re2::RE2& pattern) {
  const std::string& why = pattern.error();
  return why.substr(0, why.rfind(": " + pattern.error_arg()));
}

base::Result<PathPattern, std::string> PathPattern::compile(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kCheckMemory);
  const re2::RE2 checked(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!checked.ok()) return base::Unexpected(why_not(checked));
  const auto parsed = parse_pattern(pattern);
  if (!parsed) return base::Unexpected(parsed.error());
  const PatternProgram program(*parsed);
  PatternTable table(program);
  if (program.fits() && table.fill()) return table.take();
  PathPattern result;
  result.sets_ = PatternSets::make(program);
  if (!result.sets_) return base::Unexpected(std::string("too complex; fewer or smaller repetitions would do"));
  return result;
}

}  // namespace rhumb::decision
