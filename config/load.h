// SPDX-License-Identifier: Apache-2.0
// Files to Spec, or everything that is wrong with them. Reads files; control thread and command line only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/diagnostic.h"
#include "config/source.h"
#include "config/spec.h"

namespace rhumb::config {

struct Loaded {
  Spec spec;  // meaningful only without errors
  Diagnostics diagnostics;
  SourceList sources;  // texts, for printing diagnostics
  bool ok() const noexcept { return !diagnostics.has_errors(); }
};

/// Says whether the bytes of a file may be read on, or why not.
using Guard = base::Result<void, std::string> (*)(std::string_view bytes);
/// With a guard, nothing looks at the bytes before it does, and the very same bytes are read after it.
Loaded load_file(const std::string& path, Guard guard = nullptr);
/// From memory; `name` stands for the path in diagnostics. Used by tests and the embedded demo.
Loaded load_text(std::string text, const std::string& name);

/// "rhumb.yaml:14:7: error: ... [E0103]", the source line, a caret; as many as `cap`, then how many more.
std::string render(const Diagnostics& diagnostics, const SourceList& sources, size_t cap = 20);
/// The same as a JSON array of objects.
std::string render_json(const Diagnostics& diagnostics, const SourceList& sources);

}  // namespace rhumb::config
