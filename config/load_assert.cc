// SPDX-License-Identifier: Apache-2.0
// Rules for `rhumb verify`. What no file could ever fulfil, or break, is refused here with its place.
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"
#include "config/warnings.h"

namespace rhumb::config {
namespace {

using Rule = AssertSpec::Rule;

struct RuleKeys {
  std::string_view name;
  Rule rule;
  std::vector<std::string_view> needs, may;
};

const RuleKeys& keys_of(std::string_view name) {
  static const RuleKeys kRules[] = {
      {"stays_in", Rule::stays_in, {"regions"}, {"countries"}},
      {"served", Rule::served, {}, {"countries"}},
      {"max_load", Rule::max_load, {"requests", "spread"}, {"share", "regions"}},
      {"unmoved", Rule::unmoved, {}, {"countries"}},
      {"no_oscillation", Rule::no_oscillation, {"requests", "spread"}, {}},
  };
  const auto found = std::find_if(std::begin(kRules), std::end(kRules), [&](const auto& r) { return r.name == name; });
  return found != std::end(kRules) ? *found : kRules[1];
}

bool among(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether a key says more than its default does, which stands in every rule of a file that `config show` has filled.
bool says_more(const Section& section, std::string_view key) {
  if (key == "share") return section.percent(key) != 1;
  if (key == "requests") return section.has(key);
  return key == "spread" ? !section.map(key).empty() : !section.strings(key).empty();
}

void check_keys(const Section& section, const RuleKeys& rule) {
  for (const std::string_view key : {"countries", "regions", "share", "requests", "spread"}) {
    if (!among(rule.needs, key) && !among(rule.may, key) && says_more(section, key))
      section.diagnostics().error(code::kRuleKey, section.key_place(key),
                                  fmt::format("{}: '{}' says nothing to the rule {}", section.path(), key, rule.name));
    if (!section.has(key) && among(rule.needs, key))
      section.diagnostics().error(code::kMissingKey, section.place("rule"),
                                  fmt::format("{}: the rule {} needs '{}'", section.path(), rule.name, key));
  }
}

void check_down(const Section& section, const AssertSpec& spec, size_t regions) {
  if (!section.good("down") && section.has("down")) return;
  const Place place = section.has("down") ? section.place("down") : section.place("rule");
  if (spec.down > regions && regions != 0) {
    section.diagnostics().error(
        code::kRuleDown, place,
        fmt::format("{}: {} regions cannot be down, there are {}", section.path(), spec.down, regions));
  } else if (spec.down == 0 && (spec.rule == Rule::unmoved || spec.rule == Rule::no_oscillation)) {
    section.diagnostics().error(
        code::kRuleDown, place,
        fmt::format("{}: the rule is about failures, and none is to be looked at", section.path()), "give down 1 to 3");
  }
}

const RouteSpec* find_route(const Spec& spec, const std::string& name) {
  const auto found =
      std::find_if(spec.routes.begin(), spec.routes.end(), [&](const auto& r) { return r.name == name; });
  return found != spec.routes.end() ? &*found : nullptr;
}

/// Whether another route takes everything before it, or it takes nothing by itself.
bool unreachable(const Spec& spec, const RouteSpec& route) {
  return route.split <= 0 || std::any_of(spec.routes.data(), &route, [&](const RouteSpec& early) {
           return early.split >= 1 && covers(early.match, route.match);
         });
}

void check_routes(const Section& section, AssertSpec& rule, const Spec& spec) {
  rule.routes = section.strings("routes");
  Once once(code::kDuplicateItem, "route", section.diagnostics());
  bool reached = rule.routes.empty();
  std::vector<std::string_view> known;
  for (const RouteSpec& route : spec.routes) known.push_back(route.name);
  for (size_t i = 0; i < rule.routes.size(); ++i) {
    const Place place = section.item_place("routes", i);
    once.add(rule.routes[i], place);
    const RouteSpec* route = find_route(spec, rule.routes[i]);
    reached = reached || route == nullptr || !unreachable(spec, *route);
    if (route != nullptr) continue;
    const std::string_view meant = closest(rule.routes[i], known);
    section.diagnostics().error(
        code::kUnknownRoute, place,
        fmt::format("unknown route{} in {}.routes", section.diagnostics().named(rule.routes[i], place), section.path()),
        meant.empty() ? "" : fmt::format("did you mean '{}'?", meant));
  }
  if (!reached)
    section.error(code::kNoClient, "routes",
                  fmt::format("no request reaches {}, so the rule is about nobody",
                              rule.routes.size() == 1 ? "this route" : "these routes"));
}

const RegionSpec* find_region(const Spec& spec, const std::string& name) {
  const auto found =
      std::find_if(spec.regions.begin(), spec.regions.end(), [&](const auto& r) { return r.name == name; });
  return found != spec.regions.end() ? &*found : nullptr;
}

/// The regions whose load is looked at; each must have a limit to compare with.
void check_capacity(const Section& section, AssertSpec& rule, const Spec& spec) {
  for (size_t i = 0; i < rule.regions.size(); ++i) {
    const RegionSpec* region = find_region(spec, rule.regions[i]);
    if (region == nullptr || region->max_requests != 0) continue;
    section.diagnostics().add({Severity::error,
                               code::kNoCapacity,
                               section.item_place("regions", i),
                               fmt::format("{}: region{} has no max_requests to take a share of", section.path(),
                                           section.diagnostics().named(region->name, region->place)),
                               {},
                               region->place,
                               "the region is here"});
  }
  if (!rule.regions.empty()) return;
  for (const RegionSpec& region : spec.regions)
    if (region.max_requests != 0) rule.regions.push_back(region.name);
  if (rule.regions.empty() && !spec.regions.empty())
    section.error(code::kNoCapacity, "rule", "no region has max_requests to take a share of");
}

void check_spread(const Section& section, const AssertSpec& rule) {
  const bool nobody =
      std::none_of(rule.spread.begin(), rule.spread.end(), [](const auto& part) { return part.second > 0; });
  if (section.has("spread") && section.good("spread") && nobody)
    section.error(code::kNoClient, "spread", "no country has a part above zero, so the rule is about nobody");
}

AssertSpec read_assert(const Section& section, const RegionNames& regions, const Spec& spec) {
  AssertSpec rule;
  rule.name = read_name(section);
  rule.place = section.place("name");
  rule.down = static_cast<uint32_t>(section.integer("down"));
  rule.countries = section.strings("countries");
  rule.tenants = section.strings("tenants");
  check_routes(section, rule, spec);
  rule.regions = regions.checked_list(section, "regions");
  rule.share = section.percent("share");
  if (section.has("requests")) rule.requests = static_cast<uint64_t>(section.integer("requests"));
  check_country_keys(section, "spread");
  rule.spread = section.number_map("spread");
  if (!section.good("rule")) return rule;
  const RuleKeys& keys = keys_of(section.string("rule"));
  rule.rule = keys.rule;
  check_keys(section, keys);
  check_down(section, rule, spec.regions.size());
  if (rule.rule == Rule::max_load) check_capacity(section, rule, spec);
  if (among(keys.needs, "spread")) check_spread(section, rule);
  if (rule.rule == Rule::stays_in && section.good("regions") && rule.regions.empty())
    section.error(code::kEmpty, "regions", "the list must not be empty");
  return rule;
}

}  // namespace

std::vector<AssertSpec> read_asserts(const Section& root, const RegionNames& regions, const Spec& spec) {
  std::vector<AssertSpec> rules;
  Once names(code::kDuplicateName, "rule", root.diagnostics());
  for (const Section& section : root.sections("assert")) {
    rules.push_back(read_assert(section, regions, spec));
    names.add(rules.back().name, rules.back().place);
  }
  return rules;
}

}  // namespace rhumb::config
