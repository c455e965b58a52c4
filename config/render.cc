// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "config/load.h"
#include "config/masked_line.h"

namespace rhumb::config {
namespace {

constexpr size_t kMaxLine = 160;  // characters of a source line that are shown

/// The bytes of the `n`-th character on, counted from 0.
std::string_view from_character(std::string_view text, size_t n) {
  size_t at = 0;
  for (; at < text.size() && n > 0; --n) {
    do ++at;
    while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80);
  }
  return text.substr(at);
}

/// Source line and caret, or nothing for a place without a line.
std::string excerpt(const Place& place, const Diagnostics& diagnostics, const SourceList& sources) {
  if (place.line == 0 || place.column == 0) return {};
  const Masked line = masked_line(place, sources.line(place), diagnostics.open_beside(place));
  if (line.text.empty()) return {};
  size_t column = line.column;
  const size_t cut = column > kMaxLine / 2 && count_characters(line.text) > kMaxLine ? column - kMaxLine / 2 : 0;
  std::string_view text = from_character(line.text, cut);
  text.remove_suffix(from_character(text, kMaxLine).size());
  column -= cut;
  std::string caret;
  const std::string_view before = text.substr(0, text.size() - from_character(text, column).size());
  for (const char c : before) {
    if ((static_cast<uint8_t>(c) & 0xc0) != 0x80) caret += c == '\t' ? '\t' : ' ';
  }
  caret.append(column - std::min(column, count_characters(before)), ' ');
  const size_t rest = count_characters(text) - count_characters(before);
  const size_t length = std::clamp<size_t>(line.length, 1, std::max<size_t>(rest, 1));
  caret += '^';
  caret.append(length - 1, '~');
  return fmt::format("{}\n{}\n", text, caret);
}

std::string where(const Place& place, const SourceList& sources) {
  if (place.line == 0) return std::string(sources.name(place));
  return fmt::format("{}:{}:{}", sources.name(place), place.line, place.column);
}

std::string_view word(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

std::string line_of(const Diagnostic& d, const SourceList& sources) {
  const std::string hint = d.hint.empty() ? std::string() : "; " + d.hint;
  return fmt::format("{}: {}: {}{} [{}]", where(d.place, sources), word(d.severity), d.message, hint,
                     code_name(d.code, d.severity));
}

std::string json_place(const Place& place, const SourceList& sources) {
  return fmt::format(R"("file":{},"line":{},"column":{},"length":{})", base::json_text(sources.name(place)), place.line,
                     place.column, place.length);
}

}  // namespace

std::string render(const Diagnostics& diagnostics, const SourceList& sources, Audience reader, size_t cap) {
  const auto lines = [&](const Place& place) {
    return reader == Audience::of_the_files ? excerpt(place, diagnostics, sources) : std::string();
  };
  std::string out;
  size_t errors = 0, warnings = 0, first = 0;
  const std::vector<Diagnostic> all = diagnostics.sorted();
  for (const Diagnostic& d : all) {
    if (++(d.severity == Severity::error ? errors : warnings) > cap) continue;
    out += line_of(d, sources) + '\n' + lines(d.place);
    if (d.other.line == 0) continue;
    out += fmt::format("{}: note: {}\n", where(d.other, sources), d.other_note);
    out += lines(d.other);
  }
  const auto more = [&](size_t total) { return total - std::min(total, cap); };
  if (const size_t rest = more(diagnostics.errors()) + more(diagnostics.warnings()); rest > 0)
    out += fmt::format("and {} more\n", rest);
  while (first + 1 < all.size() && all[first].severity != Severity::error && errors > 0) ++first;
  if (!all.empty() && cap > 0)
    out += fmt::format("help: rhumb help {}\n", code_name(all[first].code, all[first].severity));
  return out;
}

std::vector<std::string> render_lines(const Diagnostics& diagnostics, const SourceList& sources) {
  std::vector<std::string> lines;
  for (const Diagnostic& d : diagnostics.sorted()) lines.push_back(line_of(d, sources));
  return lines;
}

std::string render_json(const Diagnostics& diagnostics, const SourceList& sources) {
  std::string out = "[";
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (out.size() > 1) out += ',';
    out += fmt::format(R"({{"severity":"{}","code":"{}",{},"message":{},"hint":{})", word(d.severity),
                       code_name(d.code, d.severity), json_place(d.place, sources), base::json_text(d.message),
                       base::json_text(d.hint));
    if (d.other.line != 0) {
      out += fmt::format(R"(,"note":{{{},"message":{}}})", json_place(d.other, sources), base::json_text(d.other_note));
    }
    out += '}';
  }
  return out + "]\n";
}

}  // namespace rhumb::config
