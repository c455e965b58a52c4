// SPDX-License-Identifier: Apache-2.0
// Option tables: the one truth about every key. Defaults, checks, reference page, schema and `rhumb help` come from
// them. A table is a constexpr array in the file of the module that reads it. Any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace rhumb::config {

enum class Type : uint8_t {
  boolean,
  integer,
  number,
  string,
  duration,
  size,
  rate,
  percent,
  address /* ip:port or unix:path */,
  cidr,
  country,
  path,
  enumeration,
  list /* of the element type */,
  map /* string -> element type */,
  section,
  sections /* list of mappings */
};

/// When a value that was changed in the file takes effect in a running gateway. That of a section holds for all below.
enum class Effect : uint8_t { reload, restart };

/// The name of a row for all keys of a mapping that no other row names. Who reads the mapping says which there may be.
inline constexpr std::string_view kAnyKey = "*";

struct Field {
  std::string_view name;
  Type type = Type::string;
  std::string_view fallback;         // default, as it would stand in the file; empty: none
  std::string_view doc;              // one sentence for the reference page
  std::string_view allowed = {};     // enumeration: "score latency geographic"
  Type element = Type::string;       // of list and map
  double min = -1e300, max = 1e300;  // numbers in their own unit; durations in seconds; sizes in bytes
  bool required = false;
  bool optional = false;         // section: without it nothing of it holds, not even its defaults
  bool ordered = false;          // lists: another order is another meaning
  bool secret = false;           // its values are never shown
  std::string_view beside = {};  // the default instead, once anything of its section is given
  Effect effect = Effect::reload;
  std::span<const Field> fields = {};  // of section and sections; of the latter, the first names an item
  std::string_view renamed_to = {};  // the key beside it that is meant: this one is an old name, and all else is there
};

}  // namespace rhumb::config
