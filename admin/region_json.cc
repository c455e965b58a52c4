// SPDX-License-Identifier: Apache-2.0
#include "admin/region_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "base/wall_text.h"

namespace rhumb::admin {
namespace {

using nlohmann::json;

/// 0.3 and not 0.30000001192092896.
double share(float value) { return std::round(double{value} * 1e6) / 1e6; }

json endpoint_json(const upstream::RegionReport& region, const upstream::EndpointReport& e, size_t index) {
  return {{"address", e.address},
          {"healthy", e.healthy},
          {"inUse", index < 64 && (region.state.endpoints_up >> index & 1) != 0},
          {"consecutiveFailures", e.failures},
          {"consecutiveSuccesses", e.successes},
          {"lastCheck", base::in_seconds(e.last_check.time_since_epoch())},
          {"latencyMs", base::in_millis(e.latency)},
          {"error", e.error}};
}

}  // namespace

json override_json(const upstream::Override& o) {
  json out = {
      {"kind", upstream::name(o.kind)},    {"effect", upstream::effect(o)},    {"owner", o.owner}, {"reason", o.reason},
      {"since", base::wall_text(o.since)}, {"until", base::wall_text(o.until)}};
  if (!o.endpoint.empty()) out["endpoint"] = o.endpoint;
  if (o.kind == upstream::OverrideKind::health) out["healthy"] = o.healthy;
  if (o.kind == upstream::OverrideKind::dial) out["dial"] = o.dial;
  return out;
}

json region_json(const upstream::RegionReport& region) {
  json endpoints = json::array(), overrides = json::array();
  for (size_t i = 0; i < region.endpoints.size(); ++i)
    endpoints.push_back(endpoint_json(region, region.endpoints[i], i));
  for (const auto& o : region.overrides) overrides.push_back(override_json(o));
  return {{"name", region.name},
          {"healthy", region.state.healthy},
          {"measuredHealthy", region.measured_healthy},
          {"draining", region.state.draining},
          {"dial", share(region.state.dial)},
          {"configuredDial", region.configured_dial},
          {"since", base::wall_text(region.since)},
          {"wentUp", region.went_up},
          {"wentDown", region.went_down},
          {"latencyMs", base::in_millis(region.state.rtt)},
          {"inFlight", region.state.in_flight},
          {"errorRatio", share(region.state.error_rate)},
          {"requests", region.requests},
          {"errors", region.errors},
          {"worstDetectionSeconds", base::in_seconds(region.worst_detection)},
          {"overrides", overrides},
          {"endpoints", endpoints}};
}

json regions_json(const std::vector<upstream::RegionReport>& regions) {
  json out = json::array();
  for (const auto& region : regions) out.push_back(region_json(region));
  return out;
}

}  // namespace rhumb::admin
