// SPDX-License-Identifier: Apache-2.0
// What the tests of maps share: a world of a configuration's text. The test's thread.
#pragma once
#include <string>

#include "base/check.h"
#include "config/load.h"
#include "foresight/grid.h"

namespace rhumb::foresight::testing {

/// Three regions; `more` goes behind them.
inline decision::Policies policies_of(const std::string& more) {
  const config::Loaded loaded = config::load_text(
      "listeners: [{name: web, address: \"127.0.0.1:8080\"}]\n"
      "regions:\n"
      "  - {name: eu, location: {latitude: 50, longitude: 10}, endpoints: [\"127.0.0.1:9001\"]}\n"
      "  - {name: us, location: {latitude: 40, longitude: -80}, endpoints: [\"127.0.0.1:9002\"]}\n"
      "  - {name: ap, location: {latitude: 0, longitude: 100}, dial: 10%, endpoints: [\"127.0.0.1:9003\"]}\n" +
          more,
      "test.yaml");
  RHUMB_ASSERT(loaded.ok());
  return decision::compile_policies(loaded.spec);
}

struct GridOptions {
  int degrees = 5;
  std::string tenant, down;
  std::vector<Place> population = foresight::population(nullptr);
};

inline Grid grid_of(const std::string& more, const GridOptions& options = {}) {
  const decision::Policies policies = policies_of(more);
  decision::RegionStates states = decision::unmeasured(*policies.regions);
  if (!options.down.empty()) set_down(states.of[policies.find_region(options.down)], true);
  return make_grid(
      {policies.routes[0], states, options.population, options.degrees, decision::tenant_key(options.tenant)});
}

/// The cell of a place.
inline const Cell& cell_at(const Grid& grid, double latitude, double longitude) {
  const auto row = static_cast<size_t>((90 - latitude) / grid.degrees);
  return grid.cells[row * grid.columns() + static_cast<size_t>((longitude + 180) / grid.degrees)];
}

}  // namespace rhumb::foresight::testing
