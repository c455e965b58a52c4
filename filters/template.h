// SPDX-License-Identifier: Apache-2.0
// Texts with variables (config/template_text.h) in options of filters: "rhumb %{region}". Compiled once while the
// configuration is read; expanding resolves every variable, adds up the sizes, and copies once into the exchange's
// arena. A value is only ever text: it is not looked at for variables again. Immutable once compiled; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "filters/filter.h"

namespace rhumb::filters {

struct Variable;

class Template {
 public:
  static constexpr size_t kMaxPieces = 32;

  /// Nothing after errors, which are in the diagnostics. `path` is the option's, for their messages.
  static std::optional<Template> compile(std::string_view text, config::Place place, std::string_view path,
                                         config::Diagnostics& diagnostics);

  /// The text for one exchange; may view the template itself. What is not known (yet) is empty. May hold any byte a
  /// value holds: check before use.
  std::string_view expand(const ExchangeView& view) const;
  /// The same as part of a URI reference: what may not stand in one is percent-encoded, and in values that are not a
  /// host, path or query themselves all that has a meaning there as well.
  std::string_view expand_uri(const ExchangeView& view) const;

  bool constant() const noexcept;  // no variables
  /// Says the same to every client that asks for the same URI.
  bool of_uri_alone() const noexcept;
  /// The text before the first variable.
  std::string_view prefix() const noexcept;

 private:
  struct Piece {
    std::string literal;
    const Variable* variable = nullptr;  // null: the literal
  };
  struct Values;
  Values resolve(const ExchangeView& view) const;

  std::vector<Piece> pieces_;
};

/// "client_ip, host, path, ...": for documentation and hints.
std::vector<std::string_view> variable_names();

}  // namespace rhumb::filters
