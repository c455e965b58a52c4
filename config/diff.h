// SPDX-License-Identifier: Apache-2.0
// What it means that one configuration takes the place of another: keys added, removed, changed or moved, by the names
// of regions and routes instead of their places. Spelling (60s, 1m), defaults written out, comments and the order of
// keys are no change. Both trees must have loaded without errors. Pure; any thread.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "config/field.h"
#include "config/node.h"

namespace rhumb::config {

struct Change {
  enum class Kind : uint8_t { added, removed, changed, moved };
  Kind kind = Kind::changed;
  std::string path;           // "regions[eu-west].weight", "routes[api].filters[headers:2]"
  std::string before, after;  // as the files have them; of `moved`: places, from 1. Empty: none, or a mapping
  bool secret = false;        // then without before and after
  Effect effect = Effect::reload;
};

/// In the order of the tables. `filters` are filters::filter_rows().
std::vector<Change> diff(const Node& before, const Node& after, std::span<const Field> filters);

/// One line each: "~ regions[eu-west].weight: 100 -> 50", "+ listeners[tls]", "- routes[old]", "> routes[api]: place 3
/// -> 1"; what needs a restart says so. Empty when there is none.
std::string diff_text(const std::vector<Change>& changes);
/// A JSON array of {"path", "kind", "before", "after", "effect"}; effect is "reload" or "restart".
std::string diff_json(const std::vector<Change>& changes);

}  // namespace rhumb::config
