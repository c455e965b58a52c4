// SPDX-License-Identifier: Apache-2.0
#include "config/origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace rhumb::config {
namespace {

/// What stands at the place of a scalar, without quotes; empty when that cannot be told simply.
std::string_view written(const Place& place, const SourceList& sources) {
  if (place.line == 0 || place.file >= sources.size()) return {};
  std::string_view text = sources.line(place);
  const auto skip = [&](size_t characters) {
    size_t at = 0;
    for (; at < text.size() && characters > 0; --characters) {
      do ++at;
      while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80);
    }
    return at;
  };
  text.remove_prefix(skip(place.column - 1));
  text = text.substr(0, skip(place.length));
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return text;
  if (text.size() < 2 || text.back() != text[0] || text.find('\\') != std::string_view::npos) return {};
  return text.substr(1, text.size() - 2);
}

/// The names of the variables in what was written, in order.
std::vector<std::string_view> variables(std::string_view text) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '$') continue;
    if (text[i + 1] == '{') {
      const std::string_view inside = text.substr(i + 2, text.find('}', i) - i - 2);
      names.push_back(inside.substr(0, inside.find(":-")));
    }
    ++i;  // also over the second of "$$"
  }
  return names;
}

}  // namespace

std::string origin_of(const Value& value, const SourceList& sources) {
  if (!value.given) return "default";
  if (value.node == nullptr) return {};
  const Place& place = value.node->place;
  if (place.line == 0) {
    // A source that is no file and has no lines: a variable of the environment.
    return place.file == 0 || place.file >= sources.size() ? std::string() : sources.at(place.file).name;
  }
  const std::string where = fmt::format("{}:{}", sources.name(place), place.line);
  if (value.kind != Value::Kind::scalar) return where;
  std::string from;
  for (const std::string_view name : variables(written(place, sources))) from += fmt::format("${{{}}} ", name);
  return from.empty() ? where : fmt::format("{}in {}", from, where);
}

std::string shown_text(const Value& value, const SourceList& sources, bool* reference) {
  if (reference != nullptr) *reference = false;
  if (!value.secret) return value.text;
  const std::string_view text = value.node != nullptr ? written(value.node->place, sources) : std::string_view();
  const std::vector<std::string_view> names = variables(text);
  const bool file = value.node != nullptr && value.node->hidden && text.starts_with("!file ");
  const bool one = names.size() == 1 && text == fmt::format("${{{}}}", names[0]);
  if (!file && !one) return "***";
  if (reference != nullptr) *reference = true;
  return std::string(text);
}

}  // namespace rhumb::config
