// SPDX-License-Identifier: Apache-2.0
#include "foresight/grid_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rhumb::foresight {
namespace {

std::string percent(double share) { return fmt::format("{:.2f}%", share * 100); }

void append_head(std::string& out, const Grid& grid) {
  out += fmt::format("# route {}, strategy {}, {}\n", grid.route, grid.strategy,
                     grid.degrees == 0 ? "by country" : fmt::format("cells of {0} x {0} degrees", grid.degrees));
  if (grid.drawn)
    out += fmt::format("# {} draws: there is no single winner, this is what one draw of many gives\n", grid.strategy);
  size_t width = 6;
  const auto all = shares(grid);
  for (const Share& share : all) width = std::max(width, share.region.size());
  out += fmt::format("# {:<{}}  {:>6}  {:>7}\n", "region", width, "cells", "weight");
  for (const Share& share : all)
    out += fmt::format("# {:<{}}  {:>6}  {:>7}\n", share.region, width, share.cells, percent(share.weight));
}

void append_changes(std::string& out, const Grid& grid, const Grid& before) {
  const auto all = changes(before, grid);
  if (all.empty()) out += "# nothing changes\n";
  for (const Change& change : all)
    out += fmt::format("# {} -> {}: {} cells, {} of the weight\n", change.from, change.to, change.cells,
                       percent(change.weight));
}

void append_countries(std::string& out, const Grid& grid) {
  for (const Cell& cell : grid.cells) {
    const bool contested = cell.runner_up != decision::kNoRegion;
    out += fmt::format("{} {} {} {:.3f} {}\n", cell.country.view(), grid.winner(cell),
                       contested ? std::string_view((*grid.regions)[cell.runner_up].name) : std::string_view("-"),
                       cell.margin, decision::name(cell.reason));
  }
}

void append_rows(std::string& out, const Grid& grid) {
  const size_t columns = grid.columns();
  for (size_t row = 0; row < grid.rows(); ++row) {
    const Cell* const cells = &grid.cells[row * columns];
    out += fmt::format("{:>5.1f}", cells[0].at.latitude);
    for (size_t from = 0, to = 0; from < columns; from = to) {
      while (to < columns && cells[to].winner == cells[from].winner) ++to;
      out += fmt::format(" {}*{}", grid.winner(cells[from]), to - from);
    }
    out += '\n';
  }
}

}  // namespace

std::string grid_text(const Grid& grid, const Grid* before) {
  std::string out;
  append_head(out, grid);
  if (before != nullptr) append_changes(out, grid, *before);
  grid.degrees == 0 ? append_countries(out, grid) : append_rows(out, grid);
  return out;
}

}  // namespace rhumb::foresight
