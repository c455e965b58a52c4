// SPDX-License-Identifier: Apache-2.0
// The syntax of texts with variables, the same everywhere in a file: "rhumb %{region}"; "%%" is one percent sign. Who
// has such an option looks the names up in a list of his own. Values; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace rhumb::config {

struct TextPiece {
  std::string text;  // the literal, or the name of the variable
  bool variable = false;
};

/// Cuts `text` at its variables; two literals never stand side by side. Nothing when it is refused: a lone '%', or more
/// than `max` pieces; `path` is the option's, for the message.
std::optional<std::vector<TextPiece>> cut_template(std::string_view text, size_t max, Place place,
                                                   std::string_view path, Diagnostics& diagnostics);
/// Reports a variable that is none of `names`: the nearest of them, and all.
void unknown_variable(std::string_view name, const std::vector<std::string_view>& names, Place place,
                      std::string_view path, Diagnostics& diagnostics);

}  // namespace rhumb::config
