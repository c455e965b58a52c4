// SPDX-License-Identifier: Apache-2.0
// What asks a running gateway to change: reload, upgrade. Exit codes as in commands.h; 78: the configuration was
// refused.
#pragma once
#include "foresight/plan_limits.h"
#include "proxy/commands_admin.h"

namespace rhumb::proxy {

struct ReloadOptions {
  bool wait = false;             // what changed or why not is printed; else it only begins
  foresight::PlanLimits limits;  // refuse what would go past them; waits, too
  bool json = false;
};
int reload_running(const AskedGateway& gateway, const ReloadOptions& options);
int upgrade_running(const AskedGateway& gateway, bool json);

}  // namespace rhumb::proxy
