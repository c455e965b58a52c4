// SPDX-License-Identifier: Apache-2.0
// What `rhumb regions`, `events` and `top` print, made of the admin API's JSON. Pure; throws nlohmann's exceptions when
// the JSON is not of that shape. Any thread.
#pragma once
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace rhumb::proxy {

/// Columns as wide as they need; `left` says how many of the first are words, the others stand to the right, the last
/// is words again. Control characters out: it goes to a terminal.
std::string table_text(const std::vector<std::vector<std::string>>& rows, size_t left);

/// GET /v1/regions.
std::string regions_text(const nlohmann::json& regions);
/// The answer to a change of a region: what is in force now.
std::string region_change_text(const nlohmann::json& region);
/// One event on one line.
std::string event_text(const nlohmann::json& event);

/// What `top` has seen at one moment.
struct TopSample {
  base::Instant at{};
  std::map<std::string, double, std::less<>> metrics;  // family -> sum of its samples
  std::shared_ptr<const nlohmann::json> regions;       // GET /v1/regions; never null
};
/// Sums of the families of GET /metrics, over all labels.
std::map<std::string, double, std::less<>> metric_sums(std::string_view exposition);
/// {requestsPerSecond, inProgress, connections, tunnels, retriesPerSecond, generation, regions}; rates are those
/// between the two. A region is as in GET /v1/regions, with attemptsPerSecond and errorsPerSecond.
nlohmann::json top_figures(const TopSample& before, const TopSample& now);
/// The same for people.
std::string top_text(const TopSample& before, const TopSample& now);

}  // namespace rhumb::proxy
