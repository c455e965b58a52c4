// SPDX-License-Identifier: Apache-2.0
// What `rhumb explain --id` makes of a line of the JSON access log: finds it, tells it, and holds it against what would
// be decided now. Pure; any thread.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "proxy/explain.h"

namespace rhumb::proxy {

/// Members keep their order.
using LogLine = nlohmann::ordered_json;

/// Is shown lines in any order and keeps the one of an id; of several the last it was shown.
class LineSearch {
 public:
  explicit LineSearch(std::string id);
  /// Whether this is it.
  bool look(std::string_view line);

  const std::optional<LogLine>& found() const noexcept { return found_; }
  uint64_t lines() const noexcept { return lines_; }
  /// Of them, those that are no JSON object.
  uint64_t other() const noexcept { return other_; }
  /// Time of the oldest, as it is written; empty: none had one.
  const std::string& since() const noexcept { return since_; }

 private:
  std::string id_, needle_;
  std::optional<LogLine> found_;
  uint64_t lines_ = 0, other_ = 0;
  std::string since_;
};

/// What was asked, what was decided and why, and how it ended. What a line lacks is left out; control characters too.
std::string logged_text(const LogLine& line);

/// The question whose answer is what would be decided now; else why it cannot be asked.
base::Result<ExplainQuestion, std::string> question_of(const LogLine& line);

struct Comparison {
  bool same = false;  // the same region, or none both times
  std::string text;   // in sentences
};
/// `now` is the answer of GET /v1/explain to question_of(line).
Comparison compare(const LogLine& line, const LogLine& now);

}  // namespace rhumb::proxy
