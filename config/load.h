// SPDX-License-Identifier: Apache-2.0
// Files to Spec, or everything that is wrong with them. Reads files; control thread and command line only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/files.h"
#include "config/source.h"
#include "config/spec.h"

namespace rhumb::config {

struct Loaded {
  Spec spec;  // meaningful only without errors
  Diagnostics diagnostics;
  SourceList sources;              // texts, for printing diagnostics
  std::vector<std::string> paths;  // files and patterns that were asked for: another load may find changed
  bool ok() const noexcept { return !diagnostics.has_errors(); }
};

/// The file at `path` of `files`, and all it includes.
Loaded load(Files& files, const std::string& path);
/// From the disk, in this very process: for tests and tools. The gateway has proxy::load_config.
Loaded load_file(const std::string& path);
/// From memory; `name` stands for the path in diagnostics, and nothing can be included.
Loaded load_text(std::string text, const std::string& name);

/// Who will read it. Whoever may not read the files themselves (asks the admin listener, reads the log) is shown no
/// line of theirs.
enum class Audience : uint8_t { anybody, of_the_files };
/// "rhumb.yaml:14:7: error: ... [E0103]", for a reader of the files the source line (masked_line.h) and a caret; `cap`
/// errors and `cap` warnings, then how many more.
std::string render(const Diagnostics& diagnostics, const SourceList& sources, Audience reader = Audience::anybody,
                   size_t cap = 20);
/// One line each, without source lines: "rhumb.yaml:14:7: error: ... [E0103]".
std::vector<std::string> render_lines(const Diagnostics& diagnostics, const SourceList& sources);
/// All that is kept of them, as a JSON array of objects.
std::string render_json(const Diagnostics& diagnostics, const SourceList& sources);

}  // namespace rhumb::config
