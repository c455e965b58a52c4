// SPDX-License-Identifier: Apache-2.0
#include "proxy/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/descriptors.h"
#include "config/codes.h"
#include "decision/policies.h"
#include "filters/registry.h"
#include "foresight/policy_blob.h"
#include "geo/validate.h"
#include "sessions/token.h"

namespace rhumb::proxy {
namespace {

/// Each connection of a client may need one of a region, and some descriptors are needed for other things.
uint64_t process_connections() { return base::descriptor_limit() / 100 * 45; }

std::shared_ptr<const ListenerState> listener_state(const config::ListenerSpec& spec, admin::Registry* registry,
                                                    std::shared_ptr<const base::PrefixSet> trusted) {
  auto state = std::make_shared<ListenerState>();
  state->name = spec.name;
  state->address = spec.address;
  state->backlog = spec.backlog;
  state->max_connections = spec.max_connections;
  state->max_process_connections = process_connections();
  state->connections_per_ip = spec.connections_per_ip;
  state->unlimited = std::move(trusted);
  state->min_rate = spec.min_rate;
  if (registry != nullptr) state->cells = &registry->listener(spec.name);
  state->limits = {spec.max_request_line, spec.max_head, spec.max_fields};
  state->request_head = spec.request_head;
  state->request_body = spec.request_body;
  state->keep_alive = spec.keep_alive;
  state->write = spec.write;
  state->max_requests = spec.max_requests;
  return state;
}

RegionBackend backend(const config::Spec& spec, const config::RegionSpec& from, upstream::Meters* meters) {
  RegionBackend to;
  to.name = from.name;
  to.key = sessions::region_key(from.name);
  for (const auto& endpoint : from.endpoints) {
    to.endpoints.push_back(endpoint);
    to.endpoint_keys.push_back(sessions::endpoint_key(endpoint.to_string()));
  }
  to.balance = from.balance == "round_robin" ? RegionBackend::Balance::round_robin
               : from.balance == "random"    ? RegionBackend::Balance::random
                                             : RegionBackend::Balance::least_conn;
  to.pool = {from.keep_alive_idle, from.keep_alive_timeout, from.keep_alive_requests, from.preconnect};
  to.connect = from.connect;
  if (meters == nullptr) return to;
  to.meters = meters->of(from.name);
  for (size_t slot = 0; slot < spec.terms.size(); ++slot)
    if (const std::string& field = spec.terms[slot].header; !field.empty())
      to.announced.push_back({slot, field, meters->announced(from.name, field)});
  return to;
}

/// Only of regions the route can reach: no series for what cannot happen.
std::vector<std::vector<admin::RouteCells*>> route_cells(admin::Registry& registry, const config::Spec& spec,
                                                         const config::RouteSpec& route) {
  std::vector<std::vector<admin::RouteCells*>> cells(registry.workers());
  auto add = [&](std::string_view region) {
    const auto of = registry.route(route.name, region);
    for (size_t worker = 0; worker < of.size(); ++worker) cells[worker].push_back(of[worker]);
  };
  for (const auto& region : spec.regions) {
    const bool reachable = std::find(route.regions.begin(), route.regions.end(), region.name) != route.regions.end();
    add(reachable ? std::string_view(region.name) : std::string_view());
  }
  add("");
  return cells;
}

void fill_route(RouteState& to, const config::RouteSpec& from) {
  to.name = from.name;
  to.affinity = from.affinity;
  to.websocket = from.websocket;
  to.geo_headers = from.geo_headers;
  to.max_body = from.max_body;
  to.response_head = from.response_head;
  to.response_idle = from.response_idle;
  to.tunnel = from.tunnel;
  to.request_body = from.request_body.value_or(Micros(0));
  to.tries = from.tries;
  to.retry_budget = from.retry_budget;
}

void add_backends(ConfigSnapshot& to, const config::Spec& spec, upstream::Meters* meters) {
  for (const auto& from : spec.regions) {
    const RegionBackend& added = to.backends.emplace_back(backend(spec, from, meters));
    const auto index = static_cast<decision::RegionIndex>(to.backends.size() - 1);
    to.token_regions.add(added.key, index, added.endpoint_keys);
  }
}

}  // namespace

std::shared_ptr<const ConfigSnapshot> compile(config::Spec spec, uint64_t generation, admin::Registry* registry,
                                              upstream::Meters* meters, config::Diagnostics& diagnostics) {
  auto snapshot = std::make_shared<ConfigSnapshot>();
  snapshot->generation = generation;
  if (spec.regions.size() > decision::kMaxRegions) {
    diagnostics.error(config::code::kTooManyRegions, spec.regions.back().place,
                      fmt::format("{} regions; at most {}", spec.regions.size(), decision::kMaxRegions));
    return nullptr;
  }
  auto table = decision::RouteTable::build(spec.routes);
  if (!table) {
    const config::RouteSpec& route = spec.routes[table.error().route];
    diagnostics.error(config::code::kPattern, route.match.pattern_place, table.error().message);
  } else {
    snapshot->table = *table;
  }
  decision::Policies policies = decision::compile_policies(spec);
  snapshot->regions = policies.regions;
  if (!spec.recorder.directory.empty()) {
    snapshot->policies = foresight::pack_policies(policies);
    snapshot->policies_id = foresight::policies_id(snapshot->policies);
  }
  add_backends(*snapshot, spec, meters);
  if (registry != nullptr)
    for (const auto& key : spec.sessions.keys)
      snapshot->seals.push_back(&registry->seals(sessions::key_name(key.secret)));
  const auto trusted = std::make_shared<const base::PrefixSet>(spec.geo.trusted_proxies);
  for (const auto& from : spec.listeners) snapshot->listeners.push_back(listener_state(from, registry, trusted));
  for (size_t i = 0; i < spec.routes.size(); ++i) {
    const config::RouteSpec& from = spec.routes[i];
    RouteState route;
    fill_route(route, from);
    route.policy = std::move(policies.routes[i].policy);
    route.chain = filters::build_chain(from.filters, {spec.geo, spec.tenant, from.name}, diagnostics);
    if (registry != nullptr) route.cells = route_cells(*registry, spec, from);
    snapshot->routes.push_back(std::move(route));
  }
  snapshot->gateway_chain = filters::gateway_chain(spec);
  snapshot->access_format = AccessFormat::compile(spec.access_log, diagnostics);
  snapshot->spec = std::move(spec);
  if (diagnostics.has_errors()) return nullptr;
  return snapshot;
}

base::Result<std::shared_ptr<const geo::Locator>, std::string> open_geo(const config::GeoSpec& geo) {
  std::vector<geo::Locator::Input> files;
  for (const auto& path : geo.overlays) files.push_back({path, true});
  for (const auto& path : geo.databases) files.push_back({path, false});
  if (files.empty()) return std::shared_ptr<const geo::Locator>();
  // A foreign file is looked at in a process of its own first: its crash means refused, never ours.
  return geo::Locator::open(files, geo::validate_in_child);
}

}  // namespace rhumb::proxy
