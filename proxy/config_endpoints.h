// SPDX-License-Identifier: Apache-2.0
// The endpoints that show and change which configuration, and which process, serves. Control thread.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>

#include "admin/router.h"
#include "base/result.h"
#include "proxy/reload.h"
#include "proxy/snapshot.h"

namespace rhumb::proxy {

/// The id of the process that serves now, or why there is none.
using UpgradeDone = std::function<void(const base::Result<pid_t, std::string>&)>;

struct ConfigControls {
  std::function<const World&()> world;  // asked anew by each request
  std::function<void(Reloader::Done, const foresight::PlanLimits&, const std::string& by)> reload;
  std::function<void(Reloader::Done)> preview;
  std::function<void(UpgradeDone)> upgrade;
};

/// GET /v1/config and /v1/config/diff, of which one is looked at a time: it starts a process that reads the files, and
/// who asks meanwhile hears of the next one. POST /v1/config:reload and /v1/gateway:upgrade, which answer when the
/// verdict is there, or at once with ?wait=false. With a limit, ?max_moved=2% say, a reload that would go past it is
/// refused.
void add_config_endpoints(admin::Router& router, ConfigControls controls);

}  // namespace rhumb::proxy
