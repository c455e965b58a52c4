// SPDX-License-Identifier: Apache-2.0
// What is allowed and yet hardly meant: routes nothing reaches, regions nothing uses, bindings that end with the
// process. Pure; any thread.
#pragma once
#include "config/diagnostic.h"
#include "config/spec.h"

namespace rhumb::config {

/// For a configuration without errors.
void warn(const Spec& spec, Diagnostics& diagnostics);

/// Whether every request that `inner` matches is matched by `outer`. May say no where it is so, never yes where it is
/// not.
bool covers(const MatchSpec& outer, const MatchSpec& inner);

}  // namespace rhumb::config
