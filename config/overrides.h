// SPDX-License-Identifier: Apache-2.0
// RHUMB_GATEWAY_WORKERS=4: single values of the sections of the top level, given by the environment after the files
// were read. Lists, mappings and secrets cannot be given so. Reads the environment; control thread.
#pragma once
#include "config/diagnostic.h"
#include "config/node.h"
#include "config/source.h"

namespace rhumb::config {

/// Puts what is set into the tree. Each value's place is a source of its own named "environment RHUMB_...", without a
/// line. An empty variable counts as not set. One that looks like an override and is none is warned of.
void apply_environment(Node& root, SourceList& sources, Diagnostics& diagnostics);

}  // namespace rhumb::config
