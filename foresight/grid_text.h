// SPDX-License-Identifier: Apache-2.0
// A map as text that two versions of can be compared line by line, and as JSON. Pure; allocates; any thread.
#pragma once
#include <string>

#include "foresight/grid.h"

namespace rhumb::foresight {

/// Totals of the regions, then a line for each country, or for each row of cells with runs as "region*cells". Lines of
/// `before` are not shown, only what changes; null: there is nothing to compare with.
std::string grid_text(const Grid& grid, const Grid* before);

/// The same with each cell's winner, runner-up, margin, reason and country.
std::string grid_json(const Grid& grid, const Grid* before);

}  // namespace rhumb::foresight
