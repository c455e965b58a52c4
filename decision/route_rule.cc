// SPDX-License-Identifier: Apache-2.0
#include "decision/route_rule.h"

#include <algorithm>

#include "base/hash.h"
#include "base/random.h"

namespace rhumb::decision {
namespace {

/// At the end of a segment, unless the prefix itself ends one: /api takes /api and /api/x but not /apix.
bool has_prefix(std::string_view path, std::string_view prefix) noexcept {
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

base::Result<uint32_t, std::string> pattern_of(const std::string& text, RuleParts& parts) {
  const auto known = parts.pattern_of.find(text);
  if (known != parts.pattern_of.end()) return known->second;
  auto compiled = PathPattern::compile(text);
  if (!compiled) return base::Unexpected("path_pattern: " + compiled.error());
  const auto number = static_cast<uint32_t>(parts.patterns.size());
  parts.patterns.push_back(*std::move(compiled));
  parts.pattern_of.emplace(text, number);
  return number;
}

}  // namespace

bool RuleAnswers::pattern_fits(uint32_t pattern) {
  constexpr uint32_t kPerWord = 32;
  constexpr uint64_t kAsked = 1, kFits = 2;
  if (known_ == nullptr) known_ = query_.arena.make_array<uint64_t>(parts_.patterns.size() / kPerWord + 1).data();
  uint64_t& word = known_[pattern / kPerWord];
  const unsigned shift = pattern % kPerWord * 2;
  if ((word >> shift & kAsked) == 0 && !too_long())
    word |= (parts_.patterns[pattern].matches(query_.path, work_) ? kAsked | kFits : kAsked) << shift;
  return (word >> shift & kFits) != 0;
}

base::Result<RouteRule, std::string> RouteRule::compile(const config::RouteSpec& route, RuleParts& parts) {
  RouteRule rule;
  const config::MatchSpec& match = route.match;
  if (!match.path.empty()) {
    rule.path_kind_ = PathKind::exact, rule.path_ = match.path;
  } else if (!match.path_prefix.empty()) {
    rule.path_kind_ = PathKind::prefix, rule.path_ = match.path_prefix;
  } else if (!match.path_pattern.empty()) {
    auto pattern = pattern_of(match.path_pattern, parts);
    if (!pattern) return base::Unexpected(std::move(pattern).error());
    rule.path_kind_ = PathKind::pattern, rule.pattern_ = *pattern;
  }
  rule.methods_ = match.methods;
  const auto add = [&](Asked of, const config::StringPairs& pairs) {
    for (const auto& [name, value] : pairs) rule.conditions_.push_back(parts.conditions.add(of, name, value));
  };
  add(Asked::header, match.headers);
  add(Asked::query, match.query);
  add(Asked::cookie, match.cookies);
  rule.compile_split(route, parts.conditions);
  return rule;
}

void RouteRule::compile_split(const config::RouteSpec& route, Conditions& conditions) {
  split_ = route.split;
  // The name is the seed, so that two routes that each take 10 % do not take the same clients.
  split_seed_ = base::hash64(route.name, 0);
  const std::string_view key = route.split_key;
  const size_t colon = key.find(':');
  if (key == "request_id") split_key_ = SplitKey::request_id;
  if (colon == std::string_view::npos || split_ >= 1) return;
  split_key_ = SplitKey::named;
  split_name_ = conditions.add_value(key.starts_with("cookie:") ? Asked::cookie : Asked::header, key.substr(colon + 1));
}

bool RouteRule::path_fits(std::string_view path, RuleAnswers& answers) const {
  switch (path_kind_) {
    case PathKind::any:
      return true;
    case PathKind::exact:
      return path == path_;
    case PathKind::prefix:
      return has_prefix(path, path_);
    case PathKind::pattern:
      return answers.pattern_fits(pattern_);
  }
  return false;
}

bool RouteRule::method_fits(std::string_view method) const noexcept {
  return methods_.empty() || std::find(methods_.begin(), methods_.end(), method) != methods_.end();
}

Answers::Value RouteRule::split_value(const RouteQuery& query, RuleAnswers& answers) const {
  switch (split_key_) {
    case SplitKey::client_ip:
      if (query.client.is_unspecified()) return {};
      return {{reinterpret_cast<const char*>(query.client.bytes().data()), query.client.bytes().size()}};
    case SplitKey::request_id:
      return {query.request_id};
    case SplitKey::named:
      return answers.values().value(split_name_);
  }
  return {};
}

/// The digest of a long key stands for it: else each route that splits by it would read all of it again.
bool RouteRule::takes(const RouteQuery& query, RuleAnswers& answers) const {
  if (split_ >= 1) return true;
  const Answers::Value key = split_value(query, answers);
  if (key.text.empty()) return false;
  const bool is_long = key.text.size() > Answers::kLongValue;
  const std::string_view hashed =
      is_long ? std::string_view(reinterpret_cast<const char*>(&key.digest), sizeof key.digest) : key.text;
  return base::unit_interval(base::hash64(hashed, split_seed_)) < split_;
}

bool RouteRule::matches(const RouteQuery& query, RuleAnswers& answers) const {
  if (!method_fits(query.request.method_text) || !path_fits(query.path, answers)) return false;
  for (const Wanted& condition : conditions_)
    if (!answers.values().holds(condition)) return false;
  return takes(query, answers);
}

}  // namespace rhumb::decision
