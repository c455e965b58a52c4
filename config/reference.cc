// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/codes.h"
#include "config/describe.h"
#include "config/diagnostic.h"

namespace rhumb::config {
namespace {

constexpr std::string_view kIntroduction =
    "# Configuration reference\n"
    "\n"
    "Made from the option tables by `make docs`; do not edit. The same text, key by key: `rhumb help regions.health`. "
    "For "
    "editors: `rhumb schema`\n"
    "prints a JSON Schema.\n"
    "\n"
    "`regions[]` is a list of mappings, `a.b` a key inside a mapping. A list of plain values may be a single value "
    "without "
    "brackets. Values with units need\n"
    "them: durations `us ms s m h d` (`1h30m`), sizes `B KiB MiB GiB KB MB GB`, rates `r/s r/m`, percentages `%`. Any "
    "value "
    "may hold `${NAME}` or\n"
    "`${NAME:-default}` from the environment; `$$` is a dollar sign. Keys at the top level that begin with `x-` are "
    "free.\n"
    "\n"
    "A change takes effect at a reload, unless its row says otherwise.\n";

/// The fragment under which a heading is reached.
std::string anchor(std::string_view heading) {
  std::string result;
  for (const char c : heading) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (base::is_alpha(c) || base::is_digit(c) || c == '_' || c == '-') result += static_cast<char>(upper ? c + 32 : c);
    if (c == ' ') result += '-';
  }
  return result;
}

/// Text that stands in a cell of a table.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<') result += '\\';
    result += c;
  }
  return result;
}

std::string heading_of(const Row& row) {
  const bool many = row.field->type == Type::sections || (row.field->type == Type::list && has_rows(*row.field));
  return many ? row.path + "[]" : row.path;
}

void table(const std::vector<Row>& below, std::string& out) {
  out += "\n| key | value | default | |\n|---|---|---|---|\n";
  for (const Row& row : below) {
    const Field& field = *row.field;
    const std::string name = has_rows(field) ? fmt::format("[{}](#{})", field.name, anchor(heading_of(row)))
                                             : fmt::format("`{}`", field.name);
    const std::string fallback = field.fallback.empty() ? "" : fmt::format("`{}`", field.fallback);
    const std::string notes = notes_text(row);
    out += fmt::format("| {} | {} | {} | {}{}{} |\n", name, cell(value_text(field)), fallback, cell(field.doc),
                       notes.empty() ? "" : " ", cell(notes));
  }
}

void codes(std::string& out) {
  out += "\n## Diagnostics\n\nEach with its paragraph, as `rhumb help E0103` prints it.\n";
  for (const CodeHelp& help : all_codes())
    out += fmt::format("\n### {} {}\n\n{}\n", code_name(help.code, help.severity), help.title, help.paragraph);
}

}  // namespace

std::string reference_markdown(std::span<const Field> filters) {
  const std::vector<Row> rows = all_rows(filters);
  std::string out(kIntroduction);
  out += "\n## The top level\n";
  table(rows_below(rows, {}), out);
  for (const Row& row : rows) {
    const bool filter = row.path.find(".filters[].") != std::string::npos;
    if (!has_rows(*row.field) && !(filter && row.field->type == Type::section)) continue;
    out += fmt::format("\n{} {}\n\n{}\n", filter ? "###" : "##", heading_of(row), row.field->doc);
    const std::vector<Row> below = rows_below(rows, row.path);
    if (!below.empty()) table(below, out);
  }
  codes(out);
  return out;
}

}  // namespace rhumb::config
