// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration: it is loaded or refused with a reason that can be printed, and what is loaded holds
// together.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "config/load.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void check_spec(const rhumb::config::Spec& spec) {
  require(!spec.listeners.empty() && !spec.regions.empty() && !spec.routes.empty());
  const auto known = [&](const std::string& name) {
    return std::any_of(spec.regions.begin(), spec.regions.end(), [&](const auto& r) { return r.name == name; });
  };
  require(spec.gateway.region.empty() || known(spec.gateway.region));
  for (const auto& region : spec.regions) {
    require(!region.endpoints.empty());
    require(region.latitude >= -90 && region.latitude <= 90 && region.longitude >= -180 && region.longitude <= 180);
    require(std::all_of(region.backup.begin(), region.backup.end(), known));
  }
  for (const auto& route : spec.routes) {
    require(!route.regions.empty() && std::all_of(route.regions.begin(), route.regions.end(), known));
    require(route.split >= 0 && route.split <= 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rhumb::config;
  const Loaded loaded = load_text(std::string(reinterpret_cast<const char*>(data), size), "fuzz.yaml");
  require(loaded.ok() || !render(loaded.diagnostics, loaded.sources).empty());
  require(!render_json(loaded.diagnostics, loaded.sources).empty());
  if (loaded.ok()) check_spec(loaded.spec);
  return 0;
}
