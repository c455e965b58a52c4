// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/secret_memory.h"
#include "config/codes.h"
#include "config/expand.h"
#include "config/include.h"
#include "config/load_parts.h"
#include "config/overrides.h"
#include "config/tables.h"
#include "config/warnings.h"

namespace rhumb::config {
namespace {

std::string hex(std::span<const uint8_t> bytes) {
  std::string out;
  for (const uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

/// Of one file, what sha256sum says; of several, the same of the list of their sums.
std::string hash_of(const SourceList& sources) {
  std::string sums;
  for (size_t i = 0; i < sources.size(); ++i) sums += hex(base::sha256(sources.at(static_cast<uint16_t>(i)).text));
  return (sources.size() == 1 ? sums : hex(base::sha256(sums))).substr(0, 12);
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
                       fmt::format("region{} has no location, which route{} needs to measure distance",
                                   diagnostics.named(region.name, region.place),
                                   route.place.line == 0 ? " 'default'" : diagnostics.named(route.name, route.place)),
                       "add location: {latitude: .., longitude: ..}", route.place,
                       route.place.line != 0 ? "the route is here" : ""});
      break;
    }
  }
}

void check_version(const Section& root) {
  if (root.integer("version") != 1) root.error(code::kVersion, "version", "this release reads version 1");
}

/// In place of each secret what tells it from another one: all that comparing two trees needs. Good in this process
/// alone.
void forget_secrets(Node& node) {
  static const base::Secret salt = [] {
    std::string bytes(32, '\0');
    base::random_bytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    return base::Secret::taken_from(bytes);
  }();
  for (Node& item : node.items) forget_secrets(item);
  for (Node::Member& member : node.members) forget_secrets(member.value);
  if (!node.hidden || node.scalar.empty()) return;
  const std::string digest = hex(base::hmac_sha256(salt.view(), node.scalar));
  base::wipe(node.scalar);
  node.scalar = digest;
}

void read_spec(Loaded& loaded, std::unique_ptr<Node> tree) {
  Spec& spec = loaded.spec;
  Diagnostics& diagnostics = loaded.diagnostics;
  const Section root(tree.get(), root_fields(), {}, diagnostics);
  check_version(root);
  const std::vector<Section> regions = root.sections("regions");
  const RegionNames names(regions, diagnostics);
  Once addresses(code::kDuplicateAddress, "address", diagnostics);
  spec.gateway = read_gateway(root.section("gateway"), names);
  spec.access_log = read_access_log(root.section("access_log"));
  spec.recorder = read_recorder(root.section("recorder"));
  spec.geo = read_geo(root.section("geo"), names);
  spec.tenant = read_tenant(root.section("tenant"));
  spec.listeners = read_listeners(root, addresses);
  spec.admin = read_admin(root.section("admin"), addresses);
  const OwnTerms terms(read_terms(root));
  spec.terms = terms.all();
  spec.regions = read_regions(root, regions, names, terms);
  spec.fence = read_fence(root, names);
  spec.sessions = read_sessions(root.section("sessions"));
  spec.latency = read_latency(root.section("latency"));
  spec.routes = read_routes(root, names, terms);
  spec.asserts = read_asserts(root, names, spec);
  check_locations(spec, diagnostics);
  forget_secrets(*tree);
  spec.tree = std::move(tree);
}

}  // namespace

Loaded load(Files& files, const std::string& path) {
  Loaded loaded;
  std::unique_ptr<Node> tree = read_tree(files, path, loaded.sources, loaded.paths, loaded.diagnostics);
  if (!tree) return loaded;
  loaded.spec.hash = hash_of(loaded.sources);
  expand(*tree, loaded.diagnostics);
  apply_environment(*tree, loaded.sources, loaded.diagnostics);
  read_spec(loaded, std::move(tree));
  if (loaded.ok()) warn(loaded.spec, loaded.diagnostics);
  return loaded;
}

Loaded load_file(const std::string& path) {
  DiskFiles files;
  return load(files, path);
}

Loaded load_text(std::string text, const std::string& name) {
  Bundle bundle;
  bundle.files.push_back({name, name, std::move(text), {}});
  BundleFiles files(std::move(bundle));
  return load(files, name);
}

}  // namespace rhumb::config
