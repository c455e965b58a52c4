// SPDX-License-Identifier: Apache-2.0
// The configuration of a command or of the running gateway. It is first read by a process of its own (base/child.h),
// which opens its files, loads and compiles them and hands back what it read: files on which that dies, hangs or swells
// are refused, and this process has not looked at them. What the child survived is then loaded here: the same bytes, by
// the same code, without opening a file but those of secrets. Blocking; any thread.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/child.h"
#include "config/load.h"

namespace rhumb::proxy {

/// `kept`: gets the bytes of all its files, for load_kept(); not touched when they cannot be had.
config::Loaded load_config(const std::string& path, std::string* kept = nullptr);
/// What load_config() kept, loaded again without opening a file but those of secrets. `path` as it was then; `from`
/// names the place the bytes came from.
config::Loaded load_kept(std::string_view kept, const std::string& path, const std::string& from);

/// For a command: the spec of a good file, or null and everything that is wrong with it on standard error. Filters
/// check their options when they are built, so the whole is compiled.
std::unique_ptr<config::Spec> load_good(const std::string& path);

/// `words`, of whoever opened the file that SECTION.KEY of `tree` names, without names that variables were put into:
/// those may be secrets that came to the wrong place.
std::string without_values(std::string words, const config::Node& tree, std::string_view section, std::string_view key,
                           const config::Diagnostics& diagnostics);

/// Each warning as a line of the error log.
void log_warnings(const config::Loaded& loaded);

constexpr const char* kConfigCommand = "__check-config";
constexpr base::ChildLimits kConfigLimits{512ull << 20, std::chrono::seconds(5)};
/// main() answers `__check-config 3` with it.
int config_child_main(int fd) noexcept;

}  // namespace rhumb::proxy
