// SPDX-License-Identifier: Apache-2.0
// The configuration that was last in force, kept on disk: a machine that starts again with a file that was broken
// meanwhile can serve with it (`rhumb run --last-good`). All files of the configuration are in it, but for secrets
// named by "!file", which are read anew. Blocking; any thread.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/load.h"

namespace rhumb::proxy {

/// In the first directory of $STATE_DIRECTORY (systemd.exec(5)); empty when there is none.
std::string last_good_path();
/// Replaces what is kept, in one step; only its owner may read it. `bundle` is what load_config() gave for
/// `config_path`.
base::Result<void, std::string> keep_last_good(const std::string& path, const std::string& config_path,
                                               std::string_view bundle);
/// What is kept, loaded; `bundle` gets it as well. A file that is not there, or was changed, is refused.
config::Loaded load_last_good(const std::string& path, std::string& bundle);

}  // namespace rhumb::proxy
