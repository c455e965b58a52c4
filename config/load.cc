// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.h"
#include "config/codes.h"
#include "config/expand.h"
#include "config/load_parts.h"
#include "config/tables.h"
#include "config/yaml.h"

namespace rhumb::config {
namespace {

std::string hash_of(const SourceList& sources) {
  std::string all;
  for (size_t i = 0; i < sources.size(); ++i) all += sources.at(static_cast<uint16_t>(i)).text;
  std::string hex;
  for (const uint8_t byte : base::sha256(all)) hex += fmt::format("{:02x}", byte);
  return hex.substr(0, 12);
}

bool measures_distance(const RouteSpec& route) {
  if (route.strategy == "geographic") return true;
  return route.strategy == "score" && std::any_of(route.score.begin(), route.score.end(), [](const auto& term) {
           return term.first == "distance" && term.second > 0;
         });
}

/// Each region without a location is reported once, with the first route that needs it.
void check_locations(const Spec& spec, Diagnostics& diagnostics) {
  for (const RegionSpec& region : spec.regions) {
    if (region.has_location || region.name.empty()) continue;
    for (const RouteSpec& route : spec.routes) {
      const bool uses = std::find(route.regions.begin(), route.regions.end(), region.name) != route.regions.end();
      if (!uses || !measures_distance(route)) continue;
      diagnostics.add({Severity::error, code::kNoLocation, region.place,
                       fmt::format("region '{}' has no location, which route '{}' needs to measure distance",
                                   region.name, route.name),
                       "add location: {latitude: .., longitude: ..}", route.place,
                       route.place.line != 0 ? "the route is here" : ""});
      break;
    }
  }
}

void check_version(const Section& root) {
  if (root.integer("version") != 1) root.error(code::kVersion, "version", "this release reads version 1");
}

void read_spec(Loaded& loaded, std::shared_ptr<const Node> tree) {
  Spec& spec = loaded.spec;
  Diagnostics& diagnostics = loaded.diagnostics;
  const Section root(tree.get(), root_fields(), {}, diagnostics);
  check_version(root);
  const std::vector<Section> regions = root.sections("regions");
  const RegionNames names(regions, diagnostics);
  Once addresses(code::kDuplicateAddress, "address", diagnostics);
  spec.gateway = read_gateway(root.section("gateway"), names);
  spec.access_log = read_access_log(root.section("access_log"));
  spec.geo = read_geo(root.section("geo"), names);
  spec.listeners = read_listeners(root, addresses);
  spec.admin = read_admin(root.section("admin"), addresses);
  spec.regions = read_regions(root, regions, names);
  spec.fence = read_fence(root, names);
  spec.sessions = read_sessions(root.section("sessions"));
  spec.latency = read_latency(root.section("latency"));
  spec.routes = read_routes(root, names);
  check_locations(spec, diagnostics);
  spec.tree = std::move(tree);
}

void load(Loaded& loaded, const std::string& name, std::string text) {
  if (!add_checked(loaded.sources, name, std::move(text), loaded.diagnostics)) return;
  std::unique_ptr<Node> tree = parse_yaml(loaded.sources, 0, loaded.diagnostics);
  if (!tree) return;
  expand(*tree, loaded.diagnostics);
  loaded.spec.hash = hash_of(loaded.sources);
  read_spec(loaded, std::move(tree));
}

}  // namespace

Loaded load_file(const std::string& path, Guard guard) {
  Loaded loaded;
  std::optional<std::string> text = read_regular(path, kMaxFileBytes, {}, loaded.diagnostics);
  if (text && guard != nullptr) {
    if (const auto verdict = guard(*text); !verdict) {
      loaded.diagnostics.error(code::kUnsafe, {}, fmt::format("refused: {}", verdict.error()));
      text.reset();
    }
  }
  if (!text) {
    loaded.sources.add(path, {});
    return loaded;
  }
  load(loaded, path, std::move(*text));
  return loaded;
}

Loaded load_text(std::string text, const std::string& name) {
  Loaded loaded;
  load(loaded, name, std::move(text));
  return loaded;
}

}  // namespace rhumb::config
