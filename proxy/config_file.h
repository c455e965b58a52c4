// SPDX-License-Identifier: Apache-2.0
// The configuration file of a command or of the running gateway. It is first read by a process of its own
// (base/child.h), which loads and compiles it and throws the result away: a file on which that dies, hangs or swells is
// refused, and this process has not looked at it. What the child survived is then read here: the same bytes, by the
// same code. Blocking; any thread.
#pragma once
#include <string>

#include "base/child.h"
#include "config/load.h"

namespace rhumb::proxy {

config::Loaded load_config(const std::string& path);

constexpr const char* kConfigCommand = "__check-config";
constexpr base::ChildLimits kConfigLimits{512ull << 20, std::chrono::seconds(5)};
/// main() answers `__check-config 3` with it.
int config_child_main(int fd) noexcept;

}  // namespace rhumb::proxy
