// SPDX-License-Identifier: Apache-2.0
// `rhumb verify`. Returns the process's exit code: 0 every rule holds, 1 some rule is refuted, 78 bad configuration.
#pragma once
#include <string>

namespace rhumb::proxy {

int verify_file(const std::string& file, bool json);

}  // namespace rhumb::proxy
