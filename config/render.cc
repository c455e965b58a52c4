// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "config/load.h"

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

/// What follows "secret:" is not for terminals and build logs; also when the file is too broken to know what it is.
std::string without_secrets(std::string_view line) {
  constexpr std::string_view kKey = "secret";
  for (size_t at = line.find(kKey); at != std::string_view::npos; at = line.find(kKey, at + 1)) {
    const size_t colon = line.find_first_not_of("\"' ", at + kKey.size());
    if (colon == std::string_view::npos || line[colon] != ':') continue;
    return fmt::format("{} ***", line.substr(0, colon + 1));
  }
  return std::string(line);
}

/// Source line and caret, or nothing for a place without a line.
std::string excerpt(const Place& place, const SourceList& sources) {
  const std::string line = without_secrets(sources.line(place));
  if (place.line == 0 || place.column == 0 || line.empty()) return {};
  size_t column = place.column - 1;
  size_t cut = column > kMaxLine / 2 && count_characters(line) > kMaxLine ? column - kMaxLine / 2 : 0;
  std::string_view text = from_character(line, cut);
  text.remove_suffix(from_character(text, kMaxLine).size());
  column -= cut;
  std::string caret;
  const std::string_view before = text.substr(0, text.size() - from_character(text, column).size());
  for (const char c : before) {
    if ((static_cast<uint8_t>(c) & 0xc0) != 0x80) caret += c == '\t' ? '\t' : ' ';
  }
  caret.append(column - std::min(column, count_characters(before)), ' ');
  const size_t rest = count_characters(text) - count_characters(before);
  const size_t length = std::clamp<size_t>(place.length, 1, std::max<size_t>(rest, 1));
  caret += '^';
  caret.append(length - 1, '~');
  return fmt::format("{}\n{}\n", text, caret);
}

std::string where(const Place& place, const SourceList& sources) {
  if (place.line == 0) return std::string(sources.name(place));
  return fmt::format("{}:{}:{}", sources.name(place), place.line, place.column);
}

std::string_view word(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

std::string json_place(const Place& place, const SourceList& sources) {
  return fmt::format(R"("file":{},"line":{},"column":{},"length":{})", base::json_text(sources.name(place)), place.line,
                     place.column, place.length);
}

}  // namespace

std::string render(const Diagnostics& diagnostics, const SourceList& sources, size_t cap) {
  const std::vector<Diagnostic> all = diagnostics.sorted();
  std::string out;
  for (size_t i = 0; i < std::min(cap, all.size()); ++i) {
    const Diagnostic& d = all[i];
    const std::string hint = d.hint.empty() ? std::string() : "; " + d.hint;
    out += fmt::format("{}: {}: {}{} [E{:04}]\n", where(d.place, sources), word(d.severity), d.message, hint, d.code);
    out += excerpt(d.place, sources);
    if (d.other.line == 0) continue;
    out += fmt::format("{}: note: {}\n", where(d.other, sources), d.other_note);
    out += excerpt(d.other, sources);
  }
  const size_t total = std::max(diagnostics.errors(), all.size());
  if (total > cap) out += fmt::format("and {} more\n", total - cap);
  if (!all.empty() && cap > 0) out += fmt::format("help: rhumb help E{:04}\n", all.front().code);
  return out;
}

std::string render_json(const Diagnostics& diagnostics, const SourceList& sources) {
  std::string out = "[";
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (out.size() > 1) out += ',';
    out += fmt::format(R"({{"severity":"{}","code":"E{:04}",{},"message":{},"hint":{})", word(d.severity), d.code,
                       json_place(d.place, sources), base::json_text(d.message), base::json_text(d.hint));
    if (d.other.line != 0) {
      out += fmt::format(R"(,"note":{{{},"message":{}}})", json_place(d.other, sources), base::json_text(d.other_note));
    }
    out += '}';
  }
  return out + "]\n";
}

}  // namespace rhumb::config
