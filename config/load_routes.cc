// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// Weighs the built-in terms, and returns what that comes to. Terms that are not named in a given mapping weigh
/// nothing: whoever writes {latency: 1} means latency. Those stay whose row says no other weight beside: they have no
/// effect unless a region says so, and decide nothing by themselves.
double weigh_built_in(const Section& section, RouteSpec& spec) {
  const bool given = section.node() != nullptr;
  double sum = 0;
  for (const Field& row : section.rows()) {
    if (row.name == kAnyKey) continue;
    const bool stays = row.beside.empty(), named = section.has(row.name);
    const double weight = given && !named && !stays ? read_number(row.beside).value_or(0) : section.number(row.name);
    spec.score.emplace_back(row.name, weight);
    if (!stays || named) sum += weight;
  }
  return sum;
}

/// The same of the operator's own.
double weigh_own(const Section& section, const OwnTerms& terms, RouteSpec& spec) {
  std::vector<std::string_view> built_in;
  for (const Field& row : section.rows())
    if (row.name != kAnyKey) built_in.push_back(row.name);
  double sum = 0;
  const auto others = section.other_members();
  for (const Node::Member* member : others) terms.check(*member, section.path(), built_in, section.diagnostics());
  for (const TermSpec& term : terms.all()) {
    const auto named = std::find_if(others.begin(), others.end(), [&](const auto* m) { return m->key == term.name; });
    const double weight = named == others.end() ? 0 : read_number((*named)->value.scalar).value_or(0);
    spec.score.emplace_back(term.name, weight);
    sum += weight;
  }
  return sum;
}

void read_score(const Section& route, const OwnTerms& terms, RouteSpec& spec) {
  const size_t errors = route.diagnostics().errors();
  const Section section = route.section("score");
  const double sum = weigh_built_in(section, spec) + weigh_own(section, terms, spec);
  if (sum == 0 && route.diagnostics().errors() == errors && spec.strategy == "score") {
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
    // What is no name may have lost a colon, and have a value in it.
    const auto add = [&](const std::string& name, Place place, const Node* options, bool written) {
      constexpr size_t kLongestName = 20;
      const bool named = written && is_plain_name(name) && name.size() <= kLongestName;
      if (named) section.diagnostics().open(place);
      filters.push_back({name, place, options, named ? path + "." + name : path});
    };
    if (item.refused) continue;
    if (item.kind == Node::Kind::scalar && !item.scalar.empty()) {
      add(item.scalar, item.place, nullptr, !item.replaced);
    } else if (item.kind == Node::Kind::mapping && item.members.size() == 1) {
      const Node::Member& member = item.members[0];
      const bool alone = member.value.kind == Node::Kind::null;
      add(member.key, member.key_place, alone ? nullptr : &member.value, !alone);
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

RouteSpec read_route(const Section& section, const RegionNames& regions, const OwnTerms& terms) {
  RouteSpec spec;
  spec.name = read_name(section);
  spec.place = section.place("name");
  spec.match = read_match(section.section("match"));
  const Section split = section.section("split");
  spec.split = split.percent("percent");
  spec.split_key = read_key(split, {"client_ip", "header:NAME", "cookie:NAME", "request_id"});
  spec.strategy = section.string("strategy");
  read_score(section, terms, spec);
  spec.regions = regions.checked_list(section, "regions");
  if (spec.regions.empty()) spec.regions = regions.in_order();
  const Section affinity = section.section("affinity");
  spec.affinity = affinity.node() != nullptr && affinity.string("key") == "cookie";
  spec.on_failure = affinity.string("on_failure");
  spec.panic = section.boolean("panic");
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

std::vector<RouteSpec> read_routes(const Section& root, const RegionNames& regions, const OwnTerms& terms) {
  std::vector<RouteSpec> routes;
  Once names(code::kDuplicateName, "route", root.diagnostics());
  for (const Section& section : root.sections("routes")) {
    routes.push_back(read_route(section, regions, terms));
    names.add(routes.back().name, routes.back().place);
  }
  if (routes.empty()) {
    routes.push_back(read_route(root.default_item("routes"), regions, terms));
    routes.back().name = "default";
  }
  return routes;
}

}  // namespace rhumb::config
