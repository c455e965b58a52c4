// SPDX-License-Identifier: Apache-2.0
// `rhumb config` and `rhumb schema`: what a configuration says, what another one changes, what any may say. All return
// the process's exit code.
#pragma once
#include <string>

#include "config/show.h"

namespace rhumb::proxy {

/// Prints the file as the gateway understands it. 0, or 78 with diagnostics.
int config_show(const std::string& file, config::ShowOptions options, bool json);
/// As diff(1): 0 when both mean the same, 1 when not (and the changes are printed), 78 when one of them is bad.
int config_diff(const std::string& before, const std::string& after, bool json);
/// `as`: "json" (JSON Schema), "markdown" (docs/reference.md) or "man" (rhumb.yaml(5)).
int print_schema(const std::string& as);

}  // namespace rhumb::proxy
