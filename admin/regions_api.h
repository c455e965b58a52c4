// SPDX-License-Identifier: Apache-2.0
// Regions over the admin API: how they are doing, and what an operator sets for them. A change has been published to
// all workers before it is answered, and ends by itself. Control thread.
#pragma once
#include "admin/router.h"
#include "upstream/board.h"

namespace rhumb::admin {

/// `board` outlives the router's use.
void add_regions_api(Router& router, upstream::Board& board);

}  // namespace rhumb::admin
