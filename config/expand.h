// SPDX-License-Identifier: Apache-2.0
// ${ENV}, ${ENV:-default} and "!file PATH" in the values of a tree; the latter for secrets alone. "$$" is one dollar; a
// lone dollar stands for itself. Keys are never expanded, and nothing below a top-level x-* key. Reads
// environment and files; control thread.
#pragma once
#include "config/diagnostic.h"
#include "config/node.h"

namespace rhumb::config {

/// Changes the tree in place. A value that cannot be expanded is reported and left as it is.
void expand(Node& root, Diagnostics& diagnostics);

}  // namespace rhumb::config
