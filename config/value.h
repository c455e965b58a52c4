// SPDX-License-Identifier: Apache-2.0
// One scalar against one row of an option table: strict readers without a file, a place or a diagnostic list. YAML's
// own ideas of numbers and booleans (010 is 8, "no" is false) have no say here. Pure; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/field.h"
#include "config/node.h"

namespace rhumb::config {

/// Why a text is refused; `message` continues "regions[0].weight: ...".
struct Refusal {
  uint16_t code = 0;
  std::string message;
  std::string hint;
  bool repeats = false;  // `message` and `hint` have the value itself in them
};

template <class T>
using Read = base::Result<T, Refusal>;

/// Decimal, optional minus; no plus, leading zero, underscore, other base, exponent.
Read<int64_t> read_integer(std::string_view text);
/// As above, with an optional fraction.
Read<double> read_number(std::string_view text);
/// Exactly true or false.
Read<bool> read_boolean(std::string_view text);

/// Why `node` (a scalar) is not a `type` within the limits of `field`; nothing when it is.
std::optional<Refusal> check_scalar(const Field& field, Type type, const Node& node);

/// What is said in place of a refusal that repeats a value which may be a secret.
std::string unsaid(Type type);

/// "a duration", "a list": for messages.
std::string_view noun(Type type) noexcept;

/// The words of an enumeration, or the elements of a list's fallback ("[a, b]").
std::vector<std::string_view> words(std::string_view text);

/// A bound of a Field, with its unit, as a file would have it: "30s", "64KiB", "2%".
std::string bound_text(Type type, double value);

/// What `mapping` says of a key, under its name or, by `rows`, an old one; null when it says nothing.
const Node* find_given(const Node& mapping, std::span<const Field> rows, std::string_view key) noexcept;

/// The row of a key: the one with its name, else that of any key; null when there is neither.
const Field* row_of(std::span<const Field> rows, std::string_view key) noexcept;

/// A single value: no list, mapping or section.
bool is_plain(Type type) noexcept;
bool is_http_token(std::string_view text) noexcept;  // RFC 9110 5.6.2
bool is_plain_name(std::string_view text) noexcept;  // letters, digits, - _ . and at most 64 of them

}  // namespace rhumb::config
