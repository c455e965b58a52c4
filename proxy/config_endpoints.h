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
  std::function<void(Reloader::Done, std::optional<double> max_moved)> reload;
  std::function<void(Reloader::Done)> preview;
  std::function<void(UpgradeDone)> upgrade;
};

/// GET /v1/config and /v1/config/diff; POST /v1/config:reload and /v1/gateway:upgrade, which answer when the verdict is
/// there, or at once with ?wait=false. With ?max_moved=2% a reload that would move more is refused.
void add_config_endpoints(admin::Router& router, ConfigControls controls);

}  // namespace rhumb::proxy
