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

Response json_response(const json& body) { return {.body = body.dump(2) + "\n"}; }

/// The region of the path; else `problem` is the answer.
std::optional<RegionReport> find_region(const Board& board, const Request& request, Response& problem) {
  const std::string& wanted = request.capture("region");
  std::vector<RegionReport> regions = board.report();
  std::vector<std::string_view> names;
  for (RegionReport& region : regions) {
    if (region.name == wanted) return std::move(region);
    names.push_back(region.name);
  }
  const std::string_view near = config::closest(wanted, names);
  problem =
      error_response(404, "no_such_region",
                     near.empty() ? fmt::format("there is no region '{}'; there are {}", wanted, fmt::join(names, ", "))
                                  : fmt::format("there is no region '{}'; did you mean '{}'?", wanted, near));
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
  if (kind == OverrideKind::health) copy({"healthy", "measuredHealthy", "endpoints"});
  if (kind == OverrideKind::dial) copy({"dial", "configuredDial"});
  if (kind == OverrideKind::drain) copy({"draining", "inFlight"});
  return out;
}

/// What changes touch; for the audit.
json touched_json(const RegionReport& region) {
  const json whole = region_json(region);
  json out;
  for (const char* key : {"healthy", "dial", "draining", "overrides"}) out[key] = whole[key];
  return out;
}

/// Runs `change` and answers with the region's new state, and with both for the audit. A sentence from `change`
/// refuses.
template <class F>
Response changed(Board& board, const Request& request, F&& change) {
  Response problem;
  const auto before = find_region(board, request, problem);
  if (!before) return problem;
  if (const std::string refused = change(*before); !refused.empty()) return error_response(400, "bad_change", refused);
  const auto after = find_region(board, request, problem);
  if (!after) return problem;
  json body = region_json(*after);
  const auto all = board.report();
  if (std::none_of(all.begin(), all.end(), [](const auto& r) { return takes_new_clients(r.state); }))
    body["warning"] = "no region takes new clients now";
  Response response = json_response(body);
  response.change = json{{"before", touched_json(*before)}, {"after", touched_json(*after)}}.dump();
  return response;
}

Response put(Board& board, const Request& request, OverrideKind kind) {
  return changed(board, request, [&](const RegionReport& region) -> std::string {
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
    const bool known = o.endpoint.empty() || std::any_of(region.endpoints.begin(), region.endpoints.end(),
                                                         [&](const auto& e) { return e.address == o.endpoint; });
    if (!known) return fmt::format("region '{}' has no endpoint '{}'", region.name, o.endpoint);
    return board.overrides().set(std::move(o), ttl) ? ""
                                                    : fmt::format("there are {} overrides already", Overrides::kMost);
  });
}

Response take_back(Board& board, const Request& request, OverrideKind kind) {
  return changed(board, request, [&](const RegionReport& region) -> std::string {
    const std::string endpoint = kind == OverrideKind::health ? request.parameter("endpoint") : "";
    board.overrides().take_back(kind, region.name, endpoint);
    return {};
  });
}

Response get_all(const Board& board) { return json_response(regions_json(board.report())); }

Response get_one(const Board& board, const Request& request) {
  Response problem;
  const auto region = find_region(board, request, problem);
  return region ? json_response(region_json(*region)) : problem;
}

Response get_setting(const Board& board, const Request& request, OverrideKind kind) {
  Response problem;
  const auto region = find_region(board, request, problem);
  return region ? json_response(setting_json(*region, kind)) : problem;
}

}  // namespace

void add_regions_api(Router& router, Board& board) {
  const auto read = [&](std::string_view pattern, std::string_view summary, auto answer) {
    router.add({Method::get, pattern, Role::read, summary,
                [&board, answer](const Request& request, Reply reply) { reply.send(answer(board, request)); }});
  };
  const auto change = [&](Method method, std::string_view pattern, std::string_view summary, OverrideKind kind) {
    router.add({method, pattern, Role::operate, summary, [&board, method, kind](const Request& request, Reply reply) {
                  reply.send(method == Method::delete_ ? take_back(board, request, kind) : put(board, request, kind));
                }});
  };
  const auto setting = [](OverrideKind kind) {
    return [kind](const Board& b, const Request& request) { return get_setting(b, request, kind); };
  };
  read("/v1/regions", "All regions: health, latency, load, overrides, endpoints.",
       [](const Board& b, const Request&) { return get_all(b); });
  read("/v1/regions/{region}", "One region.", get_one);
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
