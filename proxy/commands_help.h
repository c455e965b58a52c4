// SPDX-License-Identifier: Apache-2.0
// `rhumb help`. Returns the process's exit code.
#pragma once
#include <string>

namespace rhumb::proxy {

/// Explains a key of the configuration, a filter or a diagnostic code. 0, or 1 when there is none of this name.
int help_about(const std::string& topic);

}  // namespace rhumb::proxy
