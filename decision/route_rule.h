// SPDX-License-Identifier: Apache-2.0
// One route's conditions, compiled: everything of `match` but the host, and the split. What routes have in common is
// kept once for the table. Immutable; any thread.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/spec.h"
#include "decision/conditions.h"
#include "decision/path_pattern.h"
#include "decision/route_table.h"

namespace rhumb::decision {

/// What the rules of a table share: each different condition and pattern is there once.
struct RuleParts {
  Conditions conditions;
  std::vector<PathPattern> patterns;
  std::map<std::string, uint32_t, std::less<>> pattern_of;  // its text
};

/// What was found out about one request so far. One thread.
class RuleAnswers {
 public:
  RuleAnswers(const RuleParts& parts, const RouteQuery& query) noexcept
      : values_(parts.conditions, query.request, query.arena), parts_(parts), query_(query) {
    work_.limit = RouteTable::kPatternWork;
  }

  Answers& values() noexcept { return values_; }
  /// Does the pattern match the path? False, too, once the patterns have worked too much.
  bool pattern_fits(uint32_t pattern);
  /// The path is too long for so many patterns: nobody knows which route is the first that matches.
  bool too_long() const noexcept { return work_.over(); }

 private:
  Answers values_;
  const RuleParts& parts_;
  const RouteQuery& query_;
  uint64_t* known_ = nullptr;  // two bits of each pattern: was asked, fits
  PatternWork work_;
};

class RouteRule {
 public:
  /// The error is what is against the pattern. Adds to `parts` what is not there yet.
  static base::Result<RouteRule, std::string> compile(const config::RouteSpec& route, RuleParts& parts);

  /// Everything but the host. No allocation outside the query's arena.
  bool matches(const RouteQuery& query, RuleAnswers& answers) const;

 private:
  enum class PathKind : uint8_t { any, exact, prefix, pattern };
  enum class SplitKey : uint8_t { client_ip, request_id, named };

  RouteRule() = default;
  void compile_split(const config::RouteSpec& route, Conditions& conditions);
  bool path_fits(std::string_view path, RuleAnswers& answers) const;
  bool method_fits(std::string_view method) const noexcept;
  bool takes(const RouteQuery& query, RuleAnswers& answers) const;
  Answers::Value split_value(const RouteQuery& query, RuleAnswers& answers) const;

  PathKind path_kind_ = PathKind::any;
  SplitKey split_key_ = SplitKey::client_ip;
  uint32_t pattern_ = 0;
  Wanted split_name_{};
  double split_ = 1;
  uint64_t split_seed_ = 0;
  std::string path_;
  std::vector<std::string> methods_;
  std::vector<Wanted> conditions_;  // of fields, then of the query, then of cookies
};

}  // namespace rhumb::decision
