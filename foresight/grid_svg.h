// SPDX-License-Identifier: Apache-2.0
// A map as a picture: cells in the colour of their region, the fainter the closer the runner-up, on an equirectangular
// plane. Pure; allocates (below 2 MB for cells of one degree); any thread.
#pragma once
#include <string>

#include "foresight/grid.h"

namespace rhumb::foresight {

/// One SVG document. With `before` two maps, that one above, and what changes hatched in the lower one; null: one map.
/// Grids by country cannot be drawn.
std::string grid_svg(const Grid& grid, const Grid* before);

}  // namespace rhumb::foresight
