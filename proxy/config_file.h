// SPDX-License-Identifier: Apache-2.0
// The configuration of a command or of the running gateway. It is first read by a process of its own (base/child.h),
// which opens its files, loads and compiles them and hands back what it read: files on which that dies, hangs or swells
// are refused, and this process has not looked at them. What the child survived is then loaded here: the same bytes, by
// the same code, without opening a file but those of secrets. Blocking; any thread.
#pragma once
#include <string>

#include "base/child.h"
#include "config/load.h"

namespace rhumb::proxy {

config::Loaded load_config(const std::string& path);

/// Each warning as a line of the error log.
void log_warnings(const config::Loaded& loaded);

constexpr const char* kConfigCommand = "__check-config";
constexpr base::ChildLimits kConfigLimits{512ull << 20, std::chrono::seconds(5)};
/// main() answers `__check-config 3` with it.
int config_child_main(int fd) noexcept;

}  // namespace rhumb::proxy
