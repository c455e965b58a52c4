// SPDX-License-Identifier: Apache-2.0
// What a configuration names outside of itself: geo databases, the access log's file, the admin socket's directory, the
// addresses to listen on. Endpoints are not connected to: whether they answer changes by the minute, and probes tell.
// Blocks while databases are walked; command line.
#pragma once
#include "config/diagnostic.h"
#include "config/spec.h"

namespace rhumb::proxy {

/// For a configuration without errors. Each finding is a diagnostic at its place in the file.
void check_deep(const config::Spec& spec, config::Diagnostics& diagnostics);

}  // namespace rhumb::proxy
