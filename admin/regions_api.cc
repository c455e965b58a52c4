// SPDX-License-Identifier: Apache-2.0
#include "admin/regions_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/json_body.h"
#include "admin/region_json.h"
#include "config/diagnostic.h"

namespace rhumb::admin {
namespace {

using http::Method;
using nlohmann::json;
using upstream::Board;
using upstream::Override;
using upstream::OverrideKind;
using upstream::Overrides;
using upstream::RegionReport;

constexpr size_t kMostReason = 200;

constexpr size_t kMostNamed = 8, kMostAudited = 16;

/// Number of the region of the path; else `problem` is the answer.
std::optional<size_t> find_region(const Board& board, const Request& request, Response& problem) {
  const std::string& wanted = request.capture("region");
  if (const auto found = board.find(wanted)) return found;
  const std::vector<std::string_view> names = board.names();
  const std::string_view near = config::closest(wanted, names);
  const std::string shown = wanted.substr(0, kMostReason);
  std::string message = fmt::format("there is no region '{}'", shown);
  if (!near.empty())
    message += fmt::format("; did you mean '{}'?", near);
  else if (names.size() <= kMostNamed)
    message += fmt::format("; there are {}", fmt::join(names, ", "));
  problem = error_response(404, "no_such_region", message);
  return std::nullopt;
}

const Override* of_kind(const RegionReport& region, OverrideKind kind) {
  for (const Override& o : region.overrides)
    if (o.kind == kind && o.endpoint.empty()) return &o;
  return nullptr;
}

/// What an override of this kind is about, and the override itself.
json setting_json(const RegionReport& region, OverrideKind kind) {
  const json whole = region_json(region);
  json out = {{"region", region.name}, {"override", nullptr}};
  if (const Override* o = of_kind(region, kind)) out["override"] = override_json(*o);
  const auto copy = [&](std::initializer_list<const char*> keys) {
    for (const char* key : keys) out[key] = whole[key];
  };
  if (kind == OverrideKind::health) copy({"healthy", "measuredHealthy"});
  if (kind == OverrideKind::dial) copy({"dial", "configuredDial"});
  if (kind == OverrideKind::drain) copy({"draining", "inFlight"});
  return out;
}

/// What changes touch; for the audit. Of many overrides the first ones and how many there are.
json touched_json(const RegionReport& region) {
  const json whole = region_json(region);
  json out, overrides = json::array();
  for (const char* key : {"healthy", "dial", "draining"}) out[key] = whole[key];
  const size_t count = region.overrides.size();
  for (size_t i = 0; i < std::min(count, kMostAudited); ++i) overrides.push_back(override_json(region.overrides[i]));
  out["overrides"] = std::move(overrides);
  if (count > kMostAudited) out["overridesInAll"] = count;
  return out;
}

/// Runs `change` and answers with the region's new state, and with both for the audit. A sentence from `change`
/// refuses.
template <class F>
void changed(Board& board, const Request& request, const Reply& reply, F&& change) {
  Response problem;
  const auto index = find_region(board, request, problem);
  if (!index) return reply.send(problem);
  const RegionReport before = board.report_of(*index, 0, 0);
  if (const std::string refused = change(before); !refused.empty())
    return reply.send(error_response(400, "bad_change", refused));
  const json after = touched_json(board.report_of(*index, 0, 0));
  const auto& states = board.states()->of;
  const bool closed = std::none_of(states.begin(), states.end(), [](const auto& s) { return takes_new_clients(s); });
  const auto members = [closed](const RegionReport& region) {
    json out = region_json(region);
    if (closed) out["warning"] = "no region takes new clients now";
    return out;
  };
  Response head;
  head.change =
      json{{"before", touched_json(before)}, {"after", after}}.dump(-1, ' ', false, json::error_handler_t::replace);
  reply.stream(std::move(head), regions_source(board, {before.name}, false, members, {}));
}

void put(Board& board, const Request& request, const Reply& reply, OverrideKind kind) {
  changed(board, request, reply, [&](const RegionReport& region) -> std::string {
    JsonBody body(request.body, kind == OverrideKind::health
                                    ? std::initializer_list<std::string_view>{"healthy", "endpoint", "ttl", "reason"}
                                : kind == OverrideKind::dial
                                    ? std::initializer_list<std::string_view>{"dial", "ttl", "reason"}
                                    : std::initializer_list<std::string_view>{"ttl", "reason"});
    Override o;
    o.kind = kind, o.region = region.name, o.owner = request.caller.name;
    if (kind == OverrideKind::health) {
      o.healthy = body.boolean("healthy");
      o.endpoint = body.text("endpoint", kMostReason);
    } else if (kind == OverrideKind::dial) {
      o.dial = body.share("dial");
    }
    const base::Micros ttl =
        body.duration("ttl", Overrides::kShortest, Overrides::kLongest, "what is set by hand must end by itself");
    o.reason = body.text("reason", kMostReason);
    if (!body.ok()) return body.problem();
    if (!o.endpoint.empty() && !board.has_endpoint(*board.find(region.name), o.endpoint))
      return fmt::format("region '{}' has no endpoint '{}'", region.name, o.endpoint);
    return board.overrides().set(std::move(o), ttl) ? ""
                                                    : fmt::format("there are {} overrides already", Overrides::kMost);
  });
}

void take_back(Board& board, const Request& request, const Reply& reply, OverrideKind kind) {
  changed(board, request, reply, [&](const RegionReport& region) -> std::string {
    const std::string endpoint = kind == OverrideKind::health ? request.parameter("endpoint") : "";
    board.overrides().take_back(kind, region.name, endpoint, request.caller.name);
    return {};
  });
}

void get_all(const Board& board, const Request&, const Reply& reply) {
  const std::vector<std::string_view> names = board.names();
  reply.stream({}, regions_source(board, {names.begin(), names.end()}, true, region_json, {}));
}

/// One region, told by `members` and its lists.
void get_one(const Board& board, const Request& request, const Reply& reply, RegionMembers members, RegionLists lists) {
  Response problem;
  if (!find_region(board, request, problem)) return reply.send(problem);
  reply.stream({}, regions_source(board, {request.capture("region")}, false, std::move(members), lists));
}

}  // namespace

void add_regions_api(Router& router, Board& board) {
  const auto read = [&](std::string_view pattern, std::string_view summary, auto answer) {
    router.add({Method::get, pattern, Role::read, summary,
                [&board, answer](const Request& request, const Reply& reply) { answer(board, request, reply); }});
  };
  const auto change = [&](Method method, std::string_view pattern, std::string_view summary, OverrideKind kind) {
    router.add(
        {method, pattern, Role::operate, summary, [&board, method, kind](const Request& request, const Reply& reply) {
           method == Method::delete_ ? take_back(board, request, reply, kind) : put(board, request, reply, kind);
         }});
  };
  const auto setting = [](OverrideKind kind) {
    return [kind](const Board& b, const Request& request, const Reply& reply) {
      const auto members = [kind](const RegionReport& region) { return setting_json(region, kind); };
      get_one(b, request, reply, members, {.overrides = false, .endpoints = kind == OverrideKind::health});
    };
  };
  read("/v1/regions", "All regions: health, latency, load, overrides, endpoints.", get_all);
  read("/v1/regions/{region}", "One region.",
       [](const Board& b, const Request& request, const Reply& reply) { get_one(b, request, reply, region_json, {}); });
  read("/v1/regions/{region}/health", "A region's health: measured, in force, and who forced it.",
       setting(OverrideKind::health));
  read("/v1/regions/{region}/dial", "A region's dial: configured, in force, and who set it.",
       setting(OverrideKind::dial));
  read("/v1/regions/{region}/drain", "Whether a region is drained, and by whom.", setting(OverrideKind::drain));
  change(Method::put, "/v1/regions/{region}/health", "Force a region, or one endpoint of it, healthy or unhealthy.",
         OverrideKind::health);
  change(Method::delete_, "/v1/regions/{region}/health", "Let the checks decide again.", OverrideKind::health);
  change(Method::put, "/v1/regions/{region}/dial", "Set the share of new clients that a region takes.",
         OverrideKind::dial);
  change(Method::delete_, "/v1/regions/{region}/dial", "Back to the configured dial.", OverrideKind::dial);
  change(Method::post, "/v1/regions/{region}/drain", "Keep bound clients and take no new ones.", OverrideKind::drain);
  change(Method::delete_, "/v1/regions/{region}/drain", "End a drain.", OverrideKind::drain);
}

}  // namespace rhumb::admin
