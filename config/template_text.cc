// SPDX-License-Identifier: Apache-2.0
#include "config/template_text.h"

#include <fmt/format.h>

#include "config/codes.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

void add_literal(std::vector<TextPiece>& pieces, std::string_view text) {
  if (text.empty()) return;
  if (pieces.empty() || pieces.back().variable) pieces.emplace_back();
  pieces.back().text += text;
}

}  // namespace

std::optional<std::vector<TextPiece>> cut_template(std::string_view text, size_t max, Place place,
                                                   std::string_view path, Diagnostics& diagnostics) {
  std::vector<TextPiece> pieces;
  const auto refuse = [&](std::string why, std::string hint) {
    diagnostics.error(code::kNotAllowed, place, fmt::format("{}: {}", path, why), std::move(hint));
    return std::nullopt;
  };
  while (!text.empty()) {
    const size_t percent = text.find('%');
    add_literal(pieces, text.substr(0, percent));
    if (percent == std::string_view::npos) break;
    text.remove_prefix(percent + 1);
    if (text.starts_with('%')) {
      add_literal(pieces, "%");
      text.remove_prefix(1);
      continue;
    }
    const size_t close = text.find('}');
    if (!text.starts_with('{') || close == std::string_view::npos)
      return refuse("a '%' must begin a variable", "write %{name}, or %% for a percent sign");
    pieces.push_back({std::string(text.substr(1, close - 1)), true});
    text.remove_prefix(close + 1);
  }
  if (pieces.size() > max) return refuse("too many variables", fmt::format("at most {} of them fit one text", max / 2));
  return pieces;
}

void unknown_variable(std::string_view name, const std::vector<std::string_view>& names, Place place,
                      std::string_view path, Diagnostics& diagnostics) {
  // The text around it may be a secret, and so may what only looks like a variable.
  const std::string_view meant = closest(name, names);
  const bool open = is_plain_name(name) && (diagnostics.is_open(place) || !meant.empty());
  diagnostics.error(code::kNotAllowed, place,
                    open ? fmt::format("{}: there is no variable '{}'", path, name)
                         : fmt::format("{}: there is no such variable", path),
                    fmt::format("{}variables: {}", meant.empty() ? "" : fmt::format("did you mean '{}'? ", meant),
                                fmt::join(names, ", ")));
}

}  // namespace rhumb::config
