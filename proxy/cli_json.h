// SPDX-License-Identifier: Apache-2.0
// The command line as data: commands with their options, for what is made from it (manual page, completions).
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace rhumb::proxy {

/// {"command": {"name", "description", "options": [...], "commands": [...]}, "topics": [...]}. An option has "names"
/// (as typed; of an argument its one name), "argument" (stands without a dash), "description", "required", "many", and,
/// if it takes a value, "value": FILE, DIR, TOPIC or another word, or the words allowed in "choices". Hidden commands
/// are left out.
std::string cli_json(const CLI::App& app);

}  // namespace rhumb::proxy
