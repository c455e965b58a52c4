// SPDX-License-Identifier: Apache-2.0
// The parsed file as plain values with places: what yaml.cc's events become under a budget (50,000 nodes, depth 32).
// Immutable once loaded. Owned by its parent; section.h reads it.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/diagnostic.h"

namespace rhumb::config {

struct Node {
  enum class Kind : uint8_t { null, scalar, sequence, mapping };
  struct Member;
  Kind kind = Kind::null;
  bool quoted = false;    // a quoted scalar is never a number, bool or null
  bool hidden = false;    // holds a secret: never printed
  bool replaced = false;  // made of variables of the environment, which may hold secrets
  bool refused = false;   // already reported: reads as its default
  Place place;
  std::string scalar;
  std::vector<Node> items;      // sequence
  std::vector<Member> members;  // mapping, in the file's order, keys unique

  const Node* find(std::string_view key) const noexcept;
};
struct Node::Member {
  std::string key;
  Place key_place;
  Node value;
};

}  // namespace rhumb::config
