// SPDX-License-Identifier: Apache-2.0
// The counters as Prometheus text (exposition format 0.0.4): RED per route and region, region states, the gateway
// itself. Control thread.
#pragma once
#include <string>
#include <vector>

#include "admin/registry.h"
#include "upstream/board.h"
#include "upstream/meters.h"

namespace rhumb::admin {

/// Facts about the running configuration that no counter holds.
struct GatewayInfo {
  std::string version, config_hash;
  uint64_t generation = 0, generations_alive = 0;
  bool last_reload_ok = true;
  base::WallTime last_reload{}, started{};
  uint64_t reloads_applied = 0, reloads_refused = 0;
  std::vector<std::pair<std::string, uint64_t>> geo_epochs;          // path -> build epoch
  std::vector<std::pair<std::string_view, uint64_t>> admin_changes;  // outcome of the audit -> how many
};

std::string render_metrics(const Registry& registry, const upstream::Meters& meters,
                           const std::vector<upstream::RegionReport>& regions, const GatewayInfo& info);

}  // namespace rhumb::admin
