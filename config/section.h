// SPDX-License-Identifier: Apache-2.0
// Typed reading of one mapping against its option table. Everything wrong goes to Diagnostics (with the path of the
// key, "routes[0].filters[1].ip_acl") and reading goes on with the default. Lives as long as its Node; one thread.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/secret_memory.h"
#include "config/diagnostic.h"
#include "config/field.h"
#include "config/node.h"

namespace rhumb::config {

struct Refusal;

class Section {
 public:
  /// Checks the mapping against the table at once: unknown keys (did you mean), wrong kinds, missing required keys.
  /// `node` may be null: then every key has its default.
  Section(const Node* node, std::span<const Field> fields, std::string path, Diagnostics& diagnostics);

  bool has(std::string_view key) const noexcept;   // stands in the file
  bool good(std::string_view key) const noexcept;  // and nothing has been reported about it
  bool boolean(std::string_view key) const;
  int64_t integer(std::string_view key) const;
  double number(std::string_view key) const;
  double percent(std::string_view key) const;  // 2% is 0.02
  double rate(std::string_view key) const;     // per second
  base::Micros duration(std::string_view key) const;
  uint64_t size(std::string_view key) const;  // bytes
  std::string string(std::string_view key) const;
  base::Secret secret(std::string_view key) const;
  /// A list; one value without brackets counts as a list of one. Elements keep their index, also refused ones.
  std::vector<std::string> strings(std::string_view key) const;
  std::vector<base::Cidr> cidrs(std::string_view key) const;
  std::vector<std::pair<std::string, std::string>> map(std::string_view key) const;
  std::vector<std::pair<std::string, double>> number_map(std::string_view key) const;
  /// What stands in the file under keys that only the row of any key has.
  std::vector<const Node::Member*> other_members() const;
  Section section(std::string_view key) const;
  std::vector<Section> sections(std::string_view key) const;
  /// An element of such a list in which everything has its default.
  Section default_item(std::string_view key) const;

  std::string_view fallback(std::string_view key) const { return field(key)->fallback; }
  std::span<const Field> rows() const noexcept { return fields_; }
  Place place() const noexcept;                          // of the mapping
  Place place(std::string_view key) const noexcept;      // of the key's value, else of the mapping
  Place key_place(std::string_view key) const noexcept;  // of the key itself, else of the mapping
  /// Of the index-th element of a list or value of a map; a single value given for a list is its only element.
  Place item_place(std::string_view key, size_t index) const noexcept;
  const Node* node() const noexcept { return node_; }
  const std::string& path() const noexcept { return path_; }
  Diagnostics& diagnostics() const noexcept { return *diagnostics_; }
  void error(uint16_t code, std::string_view key, std::string message, std::string hint = {}) const;
  /// The value of the key as the subject of a message: in quotes, or "the value" where it may be a secret.
  std::string said(std::string_view key) const;

 private:
  const Field* field(std::string_view key) const;  // asserts that the table has it
  const Node* value(std::string_view key) const noexcept;
  std::string_view text(std::string_view key) const;
  void check_members();
  std::string_view unknown_key(const Node::Member& member);  // the key that was meant, if any
  void warn_of_old_name(const Node::Member& member, std::string_view now);
  void check_value(const Field& f, const Node& value, const std::string& path);
  void check_plain(const Field& f, Type type, const Node& value, const std::string& path);
  void refuse(Refusal& refusal, Type type, const Node& value, const std::string& path);
  const Node* node_;
  std::span<const Field> fields_;
  std::string path_;
  Diagnostics* diagnostics_;
};

}  // namespace rhumb::config
