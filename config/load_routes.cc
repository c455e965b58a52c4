// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// Terms that are not named in a given mapping weigh nothing: whoever writes {latency: 1} means latency. Bias stays,
/// because it is set at the region and has no effect unless it is set there.
void read_score(const Section& route, RouteSpec& spec) {
  const size_t errors = route.diagnostics().errors();
  const Section section = route.section("score");
  const bool sound = route.diagnostics().errors() == errors;
  const bool given = section.node() != nullptr;
  double sum = 0;
  for (const std::string_view term : {"distance", "latency", "weight", "bias", "load"}) {
    const bool silent = given && !section.has(term) && term != "bias";
    const double weight = silent ? 0 : section.number(term);
    spec.score.emplace_back(term, weight);
    if (term != "bias" || section.has(term)) sum += weight;
  }
  if (sum == 0 && sound && spec.strategy == "score") {
    section.diagnostics().error(code::kNoWeight, section.place(),
                                fmt::format("{}: all weights are zero, so nothing decides", section.path()),
                                "give at least one term a weight");
  }
}

std::vector<FilterSpec> read_filters(const Section& section) {
  std::vector<FilterSpec> filters;
  const Node* list = section.node() ? section.node()->find("filters") : nullptr;
  if (list == nullptr) return filters;
  for (size_t i = 0; i < list->items.size(); ++i) {
    const Node& item = list->items[i];
    const std::string path = fmt::format("{}.filters[{}]", section.path(), i);
    if (item.refused) continue;
    if (item.kind == Node::Kind::scalar && !item.scalar.empty()) {
      filters.push_back({item.scalar, item.place, nullptr, path + "." + item.scalar});
    } else if (item.kind == Node::Kind::mapping && item.members.size() == 1) {
      const Node::Member& member = item.members[0];
      const Node* options = member.value.kind == Node::Kind::null ? nullptr : &member.value;
      filters.push_back({member.key, member.key_place, options, path + "." + member.key});
    } else {
      const std::string hint =
          item.members.size() > 1 ? "begin each filter with its own '-'" : "write '- name: {options}' or '- name'";
      section.diagnostics().error(code::kFilterEntry, item.place,
                                  path + ": a filter is one name, with or without options", hint);
    }
  }
  return filters;
}

void read_timeouts(const Section& section, RouteSpec& spec) {
  spec.response_head = section.duration("response_head");
  spec.response_idle = section.duration("response_idle");
  spec.tunnel = section.duration("tunnel");
  if (section.has("request_body")) spec.request_body = section.duration("request_body");
}

RouteSpec read_route(const Section& section, const RegionNames& regions) {
  RouteSpec spec;
  spec.name = read_name(section);
  spec.place = section.place("name");
  spec.match = read_match(section.section("match"));
  const Section split = section.section("split");
  spec.split = split.percent("percent");
  spec.split_key = read_key(split, {"client_ip", "header:NAME", "cookie:NAME", "request_id"});
  spec.strategy = section.string("strategy");
  read_score(section, spec);
  spec.regions = regions.checked_list(section, "regions");
  if (spec.regions.empty()) spec.regions = regions.in_order();
  const Section affinity = section.section("affinity");
  spec.affinity = affinity.node() != nullptr && affinity.string("key") == "cookie";
  spec.on_failure = affinity.string("on_failure");
  spec.websocket = section.boolean("websocket");
  spec.geo_headers = section.boolean("geo_headers");
  spec.max_body = section.section("limits").size("body");
  read_timeouts(section.section("timeouts"), spec);
  const Section retry = section.section("retry");
  spec.tries = static_cast<uint32_t>(retry.integer("tries"));
  spec.retry_budget = retry.percent("budget");
  spec.filters = read_filters(section);
  return spec;
}

}  // namespace

std::vector<RouteSpec> read_routes(const Section& root, const RegionNames& regions) {
  std::vector<RouteSpec> routes;
  Once names(code::kDuplicateName, "route", root.diagnostics());
  for (const Section& section : root.sections("routes")) {
    routes.push_back(read_route(section, regions));
    names.add(routes.back().name, routes.back().place);
  }
  if (routes.empty()) {
    routes.push_back(read_route(root.default_item("routes"), regions));
    routes.back().name = "default";
  }
  return routes;
}

}  // namespace rhumb::config
