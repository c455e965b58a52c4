// SPDX-License-Identifier: Apache-2.0
// One tree from a file and all it includes. Lists of sections of the top level (listeners, regions, fence, routes) are
// joined, in the order the files are named, the including file first; any other key stands in one file only. One
// thread.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/files.h"
#include "config/node.h"
#include "config/source.h"

namespace rhumb::config {

inline constexpr size_t kMaxConfigFiles = 64;       // and as many entries of include
inline constexpr size_t kMaxConfigBytes = 4 << 20;  // of all of them
inline constexpr size_t kMaxIncludeDepth = 4;       // a file that is included by one that is included ...

/// Null when some file cannot be read or parsed: nothing can be said then about what seems to be missing. Every file
/// that was read is in `sources`, the first one first, and what was asked for, patterns as such, in `paths`; include
/// keys are gone from the tree.
std::unique_ptr<Node> read_tree(Files& files, const std::string& path, SourceList& sources,
                                std::vector<std::string>& paths, Diagnostics& diagnostics);

}  // namespace rhumb::config
