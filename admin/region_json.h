// SPDX-License-Identifier: Apache-2.0
// Regions and overrides as JSON: one shape for the API, the events and the audit. Control thread.
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "admin/api.h"
#include "upstream/board.h"

namespace rhumb::admin {

nlohmann::json override_json(const upstream::Override& o);
/// Everything of a region but its lists, the endpoints and the overrides.
nlohmann::json region_json(const upstream::RegionReport& region);
/// `index`: of the endpoint among all of its region.
nlohmann::json endpoint_json(const upstream::RegionReport& region, const upstream::EndpointReport& e, size_t index);

/// What stands of a region in an answer besides the lists.
using RegionMembers = std::function<nlohmann::json(const upstream::RegionReport& region)>;
struct RegionLists {
  bool overrides = true, endpoints = true;
};
/// The regions of these names, as objects of a list; or the only one by itself. Thousands of endpoints are some
/// megabytes, so they come in pieces, and are told as they are when it is their turn; who is gone by then is left out.
/// `board` outlives it.
std::unique_ptr<BodySource> regions_source(const upstream::Board& board, std::vector<std::string> names, bool list,
                                           RegionMembers members, RegionLists lists);

}  // namespace rhumb::admin
