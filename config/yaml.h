// SPDX-License-Identifier: Apache-2.0
// YAML text to a Node tree. The only user of yaml-cpp: its events alone, under a budget, with its known traps closed
// and its exceptions caught. What it cannot vouch for is refused: anchors, tags, merge keys, second documents. One
// thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "config/diagnostic.h"
#include "config/node.h"
#include "config/source.h"

namespace rhumb::config {

inline constexpr size_t kMaxNodes = 50'000;
inline constexpr size_t kMaxDepth = 32;

/// The tree of one source that add_checked() accepted, or null when it is too broken to be read on; every error is in
/// `diagnostics`. Duplicate keys are reported and the first one kept. `nodes` counts the values of several files
/// against one budget.
std::unique_ptr<Node> parse_yaml(const SourceList& sources, uint16_t file, Diagnostics& diagnostics,
                                 size_t* nodes = nullptr);

}  // namespace rhumb::config
