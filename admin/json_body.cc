// SPDX-License-Identifier: Apache-2.0
#include "admin/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/units.h"
#include "config/diagnostic.h"

namespace rhumb::admin {

using nlohmann::json;

JsonBody::JsonBody(std::string_view text, std::initializer_list<std::string_view> keys)
    : body_(std::make_unique<json>(json::object())) {
  if (text.empty()) return;
  std::set<std::string> seen;
  // Which of two equal keys counts is not for us to guess.
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1 && !seen.insert(parsed.get<std::string>()).second)
      complain(fmt::format("'{}' stands twice", parsed.get<std::string>()));
    return true;
  };
  json read = json::parse(text, watch, false);
  if (!read.is_object()) {
    complain("the body must be one JSON object");
    return;
  }
  *body_ = std::move(read);
  refuse_unknown(keys);
}

JsonBody::~JsonBody() = default;

void JsonBody::refuse_unknown(const std::vector<std::string_view>& known) {
  for (const auto& [key, value] : body_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string_view near = config::closest(key, known);
    return complain(near.empty() ? fmt::format("unknown key '{}'; there are {}", key, fmt::join(known, ", "))
                                 : fmt::format("unknown key '{}'; did you mean '{}'?", key, near));
  }
}

bool JsonBody::boolean(std::string_view key) {
  const json* value = find(key);
  if (value != nullptr && value->is_boolean()) return value->get<bool>();
  complain(fmt::format("'{}' must be there, true or false", key));
  return false;
}

double JsonBody::share(std::string_view key) {
  const json* value = find(key);
  double share = -1;
  if (value != nullptr && value->is_number()) share = value->get<double>();
  if (value != nullptr && value->is_string())
    if (const auto parsed = base::parse_percent(value->get_ref<const std::string&>())) share = *parsed;
  if (share >= 0 && share <= 1) return share;
  complain(fmt::format("'{}' must be there: a number from 0 to 1, or \"50%\"", key));
  return 0;
}

base::Micros JsonBody::duration(std::string_view key, base::Micros least, base::Micros most, std::string_view why) {
  const json* value = find(key);
  const std::string range = fmt::format("'{}' must be there, from {} to {} (\"10m\"): {}", key,
                                        base::format_duration(least), base::format_duration(most), why);
  if (value == nullptr || !value->is_string()) return complain(range), least;
  const auto parsed = base::parse_duration(value->get_ref<const std::string&>());
  if (!parsed) return complain(fmt::format("'{}': {}", key, parsed.error().message)), least;
  if (*parsed < least || *parsed > most) return complain(range), least;
  return *parsed;
}

std::string JsonBody::text(std::string_view key, size_t limit) {
  const json* value = find(key);
  if (value == nullptr) return {};
  if (!value->is_string()) return complain(fmt::format("'{}' must be a text", key)), "";
  auto text = value->get<std::string>();
  const bool plain = std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (text.size() > limit || !plain)
    return complain(fmt::format("'{}' must be one line of at most {} bytes", key, limit)), "";
  return text;
}

const json* JsonBody::find(std::string_view key) const {
  const auto found = body_->find(key);
  return found == body_->end() ? nullptr : &*found;
}

void JsonBody::complain(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

}  // namespace rhumb::admin
