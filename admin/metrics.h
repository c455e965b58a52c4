// SPDX-License-Identifier: Apache-2.0
// The counters as Prometheus text: RED per route and region, region states, the gateway itself, the process.
// docs/observability.md names every family. Written in pieces, on the control thread; workers are not asked.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "admin/api.h"
#include "admin/exposition.h"
#include "admin/registry.h"
#include "upstream/board.h"
#include "upstream/meters.h"

namespace rhumb::admin {

/// What the configuration says of a region and no report of the board tells.
struct RegionFacts {
  std::string name, country;
  double latitude = 0, longitude = 0;
  bool located = false;
  uint64_t max_requests = 0;  // 0: no limit
};

struct ListenerFacts {
  std::string name;
  uint64_t max_connections = 0;  // over all workers
};

/// Of a key of sessions, since the start.
struct SessionKeyFacts {
  uint8_t id = 0;
  uint64_t sealed = 0, refused = 0;  // tokens
};

/// Facts about the running configuration that no counter holds.
struct GatewayInfo {
  std::string version, config_hash;
  uint64_t generation = 0, generations_alive = 0;
  bool last_reload_ok = true;
  base::WallTime last_reload{}, last_reload_applied{}, started{};
  uint64_t reloads_applied = 0, reloads_refused = 0;
  std::vector<std::pair<std::string, uint64_t>> geo_epochs;          // path -> build epoch
  std::vector<std::pair<std::string_view, uint64_t>> admin_changes;  // outcome of the audit -> how many
  AdminCounts admin;
  std::vector<RegionFacts> regions;
  std::vector<ListenerFacts> listeners;
  std::vector<SessionKeyFacts> session_keys;
};

/// What a page is made from. Registry and meters live as long as the process.
struct MetricSources {
  const Registry& registry;
  const upstream::Meters& meters;
  std::vector<upstream::RegionReport> regions;
  GatewayInfo info;
};

// One file a subject, in the order of the page.
void add_request_families(std::vector<Family>& to, std::shared_ptr<const MetricSources> from);
void add_region_families(std::vector<Family>& to, std::shared_ptr<const MetricSources> from);
void add_gateway_families(std::vector<Family>& to, std::shared_ptr<const MetricSources> from);
void add_process_families(std::vector<Family>& to, std::shared_ptr<const MetricSources> from);

/// The whole page, to be written piece by piece; cells are read as it goes.
Page metrics_page(MetricSources sources);
/// The same as the body of an answer: no turn of the loop works on it for long.
std::unique_ptr<BodySource> metrics_source(MetricSources sources);
/// The same in one go.
std::string render_metrics(const Registry& registry, const upstream::Meters& meters,
                           const std::vector<upstream::RegionReport>& regions, const GatewayInfo& info);

}  // namespace rhumb::admin
