// SPDX-License-Identifier: Apache-2.0
// The endpoints that change which configuration, and which process, serves. Control thread.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>

#include "admin/router.h"
#include "base/result.h"
#include "proxy/reload.h"

namespace rhumb::proxy {

/// The id of the process that serves now, or why there is none.
using UpgradeDone = std::function<void(const base::Result<pid_t, std::string>&)>;

struct ConfigControls {
  std::function<void(Reloader::Done)> reload;
  std::function<void(UpgradeDone)> upgrade;
};

/// POST /v1/config:reload and POST /v1/gateway:upgrade. Both answer when the verdict is there, or at once with
/// ?wait=false.
void add_config_endpoints(admin::Router& router, ConfigControls controls);

}  // namespace rhumb::proxy
