// SPDX-License-Identifier: Apache-2.0
// What asks a running gateway to change: reload, upgrade. Exit codes as in commands.h; 78: the configuration was
// refused.
#pragma once
#include "proxy/commands_admin.h"

namespace rhumb::proxy {

/// Without `wait` it only begins; with it, what changed or why not is printed.
int reload_running(const AskedGateway& gateway, bool wait, bool json);
int upgrade_running(const AskedGateway& gateway, bool json);

}  // namespace rhumb::proxy
