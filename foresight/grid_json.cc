// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/log.h"
#include "foresight/grid_text.h"

namespace rhumb::foresight {
namespace {

std::string region_json(const Grid& grid, decision::RegionIndex region) {
  return region < grid.regions->size() ? base::json_text((*grid.regions)[region].name) : "null";
}

std::string cell_json(const Grid& grid, const Cell& cell) {
  return fmt::format("[{},{},{:.4f},\"{}\",{},{:.6f}]", region_json(grid, cell.winner),
                     region_json(grid, cell.runner_up), cell.margin, decision::name(cell.reason),
                     cell.country.known() ? base::json_text(cell.country.view()) : "null", cell.weight);
}

std::string rows_json(const Grid& grid) {
  std::string out;
  const size_t columns = grid.columns();
  for (size_t row = 0; row < grid.rows(); ++row) {
    out += fmt::format("{}\n{{\"latitude\":{},\"cells\":[", row == 0 ? "" : ",", grid.cells[row * columns].at.latitude);
    for (size_t i = 0; i < columns; ++i) out += (i == 0 ? "" : ",") + cell_json(grid, grid.cells[row * columns + i]);
    out += "]}";
  }
  return out;
}

std::string name_or_null(const std::string& region) { return region == "-" ? "null" : base::json_text(region); }

std::string shares_json(const Grid& grid) {
  std::string out;
  for (const Share& share : shares(grid))
    out += fmt::format("{}{{\"region\":{},\"cells\":{},\"weight\":{:.6f}}}", out.empty() ? "" : ",",
                       name_or_null(share.region), share.cells, share.weight);
  return out;
}

std::string changes_json(const Grid& grid, const Grid& before) {
  std::string out;
  for (const Change& change : changes(before, grid))
    out += fmt::format("{}{{\"from\":{},\"to\":{},\"cells\":{},\"weight\":{:.6f}}}", out.empty() ? "" : ",",
                       name_or_null(change.from), name_or_null(change.to), change.cells, change.weight);
  return "[" + out + "]";
}

}  // namespace

std::string grid_json(const Grid& grid, const Grid* before) {
  std::string out = fmt::format(
      "{{\"route\":{},\"strategy\":{},\"drawn\":{},\"degrees\":{},\"regions\":[{}],\"changes\":{},\n"
      "\"columns\":[\"winner\",\"runner_up\",\"margin\",\"reason\",\"country\",\"weight\"],\n\"rows\":[",
      base::json_text(grid.route), base::json_text(grid.strategy), grid.drawn,
      grid.degrees == 0 ? "null" : std::to_string(grid.degrees), shares_json(grid),
      before == nullptr ? "null" : changes_json(grid, *before));
  return out + rows_json(grid) + "]}\n";
}

}  // namespace rhumb::foresight
