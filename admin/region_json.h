// SPDX-License-Identifier: Apache-2.0
// Regions and overrides as JSON: one shape for the API, the events and the audit. Control thread.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "upstream/board.h"

namespace rhumb::admin {

nlohmann::json override_json(const upstream::Override& o);
nlohmann::json region_json(const upstream::RegionReport& region);
nlohmann::json regions_json(const std::vector<upstream::RegionReport>& regions);

}  // namespace rhumb::admin
