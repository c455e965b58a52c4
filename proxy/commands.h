// SPDX-License-Identifier: Apache-2.0
// What each subcommand does, apart from reading arguments. All return the process's exit code: 0 ok, 1 failure, 2
// usage, 78 bad configuration.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "proxy/explain.h"

namespace rhumb::proxy {

/// Loads and compiles a file; null: it is refused, and what is wrong was printed.
std::shared_ptr<const ConfigSnapshot> load_for_command(const std::string& path);

int run_gateway(const std::string& config, bool or_last_good);
int explain_file(const std::string& config, const ExplainQuestion& question);
/// Asks a running gateway; for where it is see find_gateway().
int explain_running(const std::string& admin, const std::string& token_file, const ExplainQuestion& question);
int geo_lookup(const std::vector<std::string>& databases, const std::vector<std::string>& addresses, bool json);
int geo_build(const std::vector<std::string>& csv, const std::string& out);
int geo_fetch(const std::string& source, const std::string& into);

}  // namespace rhumb::proxy
