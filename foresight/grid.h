// SPDX-License-Identifier: Apache-2.0
// A map of decisions: the winner in each cell of the world, or for each country, as decide() says for a client there.
// Values; any thread; blocks for some tenths of a second.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "decision/policies.h"
#include "foresight/population.h"

namespace rhumb::foresight {

struct GridQuestion {
  const decision::RoutePolicy& route;
  const decision::RegionStates& states;  // a region's dial counts as open unless it is 0
  const std::vector<Place>& population;
  int degrees = 1;  // side of a cell, a divisor of 180; 0: one cell for each country, at its centroid
  decision::TenantKey tenant = 0;
};

struct Cell {
  geo::Point at;  // its middle
  geo::Country country;
  decision::RegionIndex winner = decision::kNoRegion, runner_up = decision::kNoRegion;
  decision::Reason reason = decision::Reason::no_healthy_region;
  double margin = 0;  // score of the winner over the runner-up's; 0 without one
  double weight = 0;  // share of the population, 0..1
};

struct Grid {
  std::string route, strategy;
  bool drawn = false;  // the strategy draws: what is shown is one draw of many
  int degrees = 0;
  std::shared_ptr<const decision::Regions> regions;
  std::vector<Cell> cells;  // rows from north to south, each from west to east; or by country

  size_t columns() const noexcept { return degrees == 0 ? 1 : static_cast<size_t>(360 / degrees); }
  size_t rows() const noexcept { return cells.size() / columns(); }
  /// "-" when nobody wins.
  std::string_view winner(const Cell& cell) const noexcept;
};

/// Decided with one fixed draw and without exploration.
Grid make_grid(const GridQuestion& question);

/// What a region, or "-", has of a grid.
struct Share {
  std::string region;
  size_t cells = 0;
  double weight = 0;  // 0..1
};
/// Of all regions in their order, those without a cell too; then "-" if anything is left to nobody.
std::vector<Share> shares(const Grid& grid);

struct Change {
  std::string from, to;
  size_t cells = 0;
  double weight = 0;
};
/// Cells whose winner has another name, the most weight first. Both grids must be of one shape.
std::vector<Change> changes(const Grid& before, const Grid& after);

}  // namespace rhumb::foresight
