// SPDX-License-Identifier: Apache-2.0
#include "config/topic.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "config/codes.h"
#include "config/describe.h"
#include "config/diagnostic.h"

namespace rhumb::config {
namespace {

/// "regions[1].health" and "regions[].health" as people type it: "regions.health".
std::string without_brackets(std::string_view path) {
  std::string result;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) result += c;
    if (c == ']') inside = false;
  }
  return result;
}

bool is_code(std::string_view topic) {
  if (topic.find_first_of("EeWw") == 0) topic.remove_prefix(1);
  return !topic.empty() && std::all_of(topic.begin(), topic.end(), base::is_digit);
}

bool ends_with_path(std::string_view path, std::string_view end) {
  return path == end || (path.ends_with(end) && path[path.size() - end.size() - 1] == '.');
}

/// "  interval   30s   Time between two probes ...", in columns.
std::string lines(const std::vector<Row>& rows, bool whole_paths) {
  size_t names = 0, defaults = 0;
  const auto name = [&](const Row& row) { return whole_paths ? row.path : std::string(row.field->name); };
  for (const Row& row : rows) {
    names = std::max(names, name(row).size());
    defaults = std::max(defaults, row.field->fallback.size());
  }
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("  {:<{}}  {:<{}}  {}{}\n", name(row), names, row.field->fallback, defaults, row.field->doc,
                       row.field->required ? " Required." : "");
  }
  return out;
}

std::string page(const Row& row, const std::vector<Row>& rows) {
  const Field& field = *row.field;
  std::string out = fmt::format("{}: {}", row.path, value_text(field));
  if (!field.fallback.empty()) out += fmt::format("; default {}", field.fallback);
  out += fmt::format("\n{}\n", field.doc);
  if (const std::string notes = notes_text(row); !notes.empty()) out += notes + "\n";
  const std::vector<Row> below = rows_below(rows, row.path);
  if (!below.empty()) out += (row.path.ends_with(".filters") ? "\nfilters:\n" : "\nkeys:\n") + lines(below, false);
  return out;
}

std::string unknown(std::string_view topic, const std::vector<Row>& rows) {
  std::string error = fmt::format("there is no key, filter or code '{}'", shown(topic));
  std::set<std::string> names;
  for (const Row& row : rows) {
    names.emplace(row.field->name);
    names.insert(without_brackets(row.path));
  }
  const std::string_view meant = closest(topic, {names.begin(), names.end()});
  return error + (meant.empty() ? std::string("; try 'regions', 'interval' or 'E0103'")
                                : fmt::format("; did you mean '{}'?", meant));
}

}  // namespace

base::Result<std::string, std::string> help_topic(std::string_view topic, std::span<const Field> filters) {
  if (is_code(topic)) {
    if (auto help = help_for(topic)) return *help + "\n";
    return base::Unexpected(fmt::format("there is no code '{}' (E0103, say)", shown(topic)));
  }
  const std::string wanted = without_brackets(topic);
  const std::vector<Row> rows = all_rows(filters);
  std::vector<Row> ends;
  for (const Row& row : rows) {
    const std::string path = without_brackets(row.path);
    if (path == wanted) return page(row, rows);
    if (!wanted.empty() && ends_with_path(path, wanted)) ends.push_back(row);
  }
  if (ends.empty()) return base::Unexpected(unknown(wanted, rows));
  if (ends.size() == 1) return page(ends[0], rows);
  return fmt::format("{} keys end so:\n{}", ends.size(), lines(ends, true));
}

std::vector<std::string> help_topics(std::span<const Field> filters) {
  std::vector<std::string> topics;
  for (const Row& row : all_rows(filters)) topics.push_back(without_brackets(row.path));
  for (const CodeHelp& help : all_codes()) topics.push_back(code_name(help.code, help.severity));
  return topics;
}

}  // namespace rhumb::config
