// SPDX-License-Identifier: Apache-2.0
#include "decision/route_rule.h"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "http/cookie.h"
#include "http/uri.h"

namespace rhumb::decision {
namespace {

/// For each pattern, its program and the state tables that grow while it matches.
constexpr int64_t kPatternMemory = 1 << 20;

/// At the end of a segment, unless the prefix itself ends one: /api takes /api and /api/x but not /apix.
bool has_prefix(std::string_view path, std::string_view prefix) noexcept {
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

}  // namespace

RouteRule::RouteRule() = default;
RouteRule::RouteRule(RouteRule&&) noexcept = default;
RouteRule& RouteRule::operator=(RouteRule&&) noexcept = default;
RouteRule::~RouteRule() = default;

base::Result<RouteRule, std::string> RouteRule::compile(const config::RouteSpec& route) {
  RouteRule rule;
  const config::MatchSpec& match = route.match;
  if (!match.path.empty()) {
    rule.path_kind_ = PathKind::exact, rule.path_ = match.path;
  } else if (!match.path_prefix.empty()) {
    rule.path_kind_ = PathKind::prefix, rule.path_ = match.path_prefix;
  } else if (!match.path_pattern.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemory);
    rule.path_kind_ = PathKind::pattern;
    rule.pattern_ = std::make_unique<const re2::RE2>(match.path_pattern, options);
    if (!rule.pattern_->ok())
      return base::Unexpected("path_pattern '" + match.path_pattern + "': " + rule.pattern_->error());
  }
  rule.methods_ = match.methods;
  const auto copy = [](const config::StringPairs& from, std::vector<Pair>& to) {
    for (const auto& [name, value] : from) to.push_back({name, value, http::field_id(name), value == "*"});
  };
  copy(match.headers, rule.headers_);
  copy(match.query, rule.query_);
  copy(match.cookies, rule.cookies_);
  rule.compile_split(route);
  return rule;
}

void RouteRule::compile_split(const config::RouteSpec& route) {
  split_ = route.split;
  // The name is the seed, so that two routes that each take 10 % do not take the same clients.
  split_seed_ = base::hash64(route.name, 0);
  const std::string_view key = route.split_key;
  const size_t colon = key.find(':');
  if (key == "request_id") split_key_ = SplitKey::request_id;
  if (colon == std::string_view::npos) return;
  split_key_ = key.starts_with("cookie:") ? SplitKey::cookie : SplitKey::header;
  split_name_ = key.substr(colon + 1);
  split_id_ = http::field_id(split_name_);
}

bool RouteRule::path_fits(std::string_view path) const noexcept {
  switch (path_kind_) {
    case PathKind::any:
      return true;
    case PathKind::exact:
      return path == path_;
    case PathKind::prefix:
      return has_prefix(path, path_);
    case PathKind::pattern:
      return re2::RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *pattern_);
  }
  return false;
}

bool RouteRule::method_fits(std::string_view method) const noexcept {
  if (methods_.empty()) return true;
  for (const std::string& allowed : methods_)
    if (allowed == method) return true;
  return false;
}

bool RouteRule::header_fits(const http::Headers& fields, const Pair& wanted) const noexcept {
  if (wanted.id != http::FieldId::other && !fields.has(wanted.id)) return false;
  for (const http::Field& field : fields.all()) {
    if (field.id != wanted.id) continue;
    if (wanted.id == http::FieldId::other && !base::iequals(field.name, wanted.name)) continue;
    if (wanted.any_value || field.value == wanted.value) return true;
  }
  return false;
}

std::string_view RouteRule::split_value(const RouteQuery& query) const noexcept {
  switch (split_key_) {
    case SplitKey::client_ip:
      if (query.client.is_unspecified()) return {};
      return {reinterpret_cast<const char*>(query.client.bytes().data()), query.client.bytes().size()};
    case SplitKey::request_id:
      return query.request_id;
    case SplitKey::header:
      return split_id_ != http::FieldId::other ? query.request.fields.get(split_id_)
                                               : query.request.fields.get(split_name_);
    case SplitKey::cookie:
      return http::find_cookie(query.request.fields, split_name_);
  }
  return {};
}

bool RouteRule::takes(const RouteQuery& query) const noexcept {
  if (split_ >= 1) return true;
  const std::string_view key = split_value(query);
  return !key.empty() && base::unit_interval(base::hash64(key, split_seed_)) < split_;
}

bool RouteRule::matches(const RouteQuery& query) const noexcept {
  if (!method_fits(query.request.method_text) || !path_fits(query.path)) return false;
  for (const Pair& wanted : headers_)
    if (!header_fits(query.request.fields, wanted)) return false;
  const auto fits = [](const Pair& wanted, std::string_view value) {
    return wanted.any_value || value == wanted.value;
  };
  for (const Pair& wanted : query_) {
    const auto value = http::find_query(query.request.query, wanted.name);
    if (!value || !fits(wanted, *value)) return false;
  }
  for (const Pair& wanted : cookies_) {
    const std::string_view value = http::find_cookie(query.request.fields, wanted.name);
    if (value.data() == nullptr || !fits(wanted, value)) return false;
  }
  return takes(query);
}

}  // namespace rhumb::decision
