// SPDX-License-Identifier: Apache-2.0
// The file against the option tables: every key with the value it has, whether that stands in the file or is the
// table's default, and what it means whatever it is written as (60s is 1m). Made of a tree that loaded without errors;
// what the tables do not know (x-*) is left out. Views the tree and the tables. Pure; one thread.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "config/field.h"
#include "config/node.h"

namespace rhumb::config {

struct Value {
  enum class Kind : uint8_t {
    scalar,
    list,     // of scalars
    map,      // of scalars by free names
    section,  // of values by the names of its rows
    sections  // of sections; or of filters, each a section
  };
  Kind kind = Kind::scalar;
  const Field* field = nullptr;  // its row, that of the list for an element; null: a filter nobody knows
  Type type = Type::string;      // what a scalar is
  std::string key;               // its name in the mapping; of an item of `sections`, what names it, unique in there
  std::string name;              // of a filter: its name alone
  std::string text;              // scalar: as the file has it, variables put in
  std::string meaning;           // scalar: one text for all that means the same
  bool given = false;            // stands in the file
  bool secret = false;
  Effect effect = Effect::reload;
  const Node* node = nullptr;  // where it was read; null: nowhere
  std::vector<Value> items;

  const Value* find(std::string_view wanted) const noexcept;
};

/// The whole file, in the order of the tables. `filters` are filters::filter_rows().
Value meaning_of(const Node& tree, std::span<const Field> filters);
/// The same without the items of the root's lists of sections, which may be thousands: item_of() makes one of them.
Value outline_of(const Node& tree, std::span<const Field> filters);
/// Item `index` of `list.node`, as meaning_of() has it, but without a key. `list` is of an outline.
Value item_of(const Value& list, size_t index, std::span<const Field> filters);
/// One text for all texts that mean the same as a value of the type.
std::string normal_form(Type type, std::string_view text);

}  // namespace rhumb::config
