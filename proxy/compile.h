// SPDX-License-Identifier: Apache-2.0
// Spec to snapshot. Control thread and command line. Adds what only a build can find (patterns, filter options) to the
// diagnostics.
#pragma once
#include <memory>

#include "admin/registry.h"
#include "config/load.h"
#include "proxy/snapshot.h"
#include "upstream/meters.h"

namespace rhumb::proxy {

/// Null when there were errors. `registry` and `meters` may be null (check, explain): then the snapshot cannot serve.
std::shared_ptr<const ConfigSnapshot> compile(config::Spec spec, uint64_t generation, admin::Registry* registry,
                                              upstream::Meters* meters, config::Diagnostics& diagnostics);
/// The databases and overlays the file names; an error names the file.
base::Result<std::shared_ptr<const geo::Locator>, std::string> open_geo(const config::GeoSpec& geo);

}  // namespace rhumb::proxy
