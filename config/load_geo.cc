// SPDX-License-Identifier: Apache-2.0
// Where clients are, and the fence.
#include <fmt/format.h>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

GeoSpec::Forwarded read_forwarded(const std::string& text) {
  if (text == "forwarded") return GeoSpec::Forwarded::forwarded;
  return text == "none" ? GeoSpec::Forwarded::none : GeoSpec::Forwarded::x_forwarded_for;
}

/// Keys of a mapping are not checked by its table, so country codes that are keys are checked here.
void check_country_keys(const Section& section) {
  const Node* node = section.node() ? section.node()->find("countries") : nullptr;
  if (node == nullptr) return;
  for (const Node::Member& member : node->members) {
    Node key;
    key.kind = Node::Kind::scalar;
    key.scalar = member.key;
    if (const auto refusal = check_scalar({}, Type::country, key)) {
      section.diagnostics().error(refusal->code, member.key_place, "geo.countries: " + refusal->message, refusal->hint);
    }
  }
}

void require_some(const Section& section, std::string_view key, bool empty) {
  if (section.good(key) && empty) section.error(code::kEmpty, key, "the list must not be empty");
}

}  // namespace

GeoSpec read_geo(const Section& section, const RegionNames& regions) {
  GeoSpec spec;
  spec.databases = section.strings("databases");
  spec.overlays = section.strings("overlays");
  spec.trusted_proxies = section.cidrs("trusted_proxies");
  spec.forwarded = read_forwarded(section.string("forwarded"));
  spec.country_header = read_token(section, "country_header", true);
  spec.latitude_header = read_token(section, "latitude_header", true);
  spec.longitude_header = read_token(section, "longitude_header", true);
  check_country_keys(section);
  spec.countries = section.map("countries");
  for (size_t i = 0; i < spec.countries.size(); ++i) {
    const auto& [country, region] = spec.countries[i];
    regions.check(region, section.item_place("countries", i), fmt::format("geo.countries.{}", shown(country)));
  }
  spec.default_region = section.string("default_region");
  regions.check(spec.default_region, section.place("default_region"), "geo.default_region");
  return spec;
}

std::vector<FenceRule> read_fence(const Section& root, const RegionNames& regions) {
  std::vector<FenceRule> rules;
  Once countries(code::kDuplicateItem, "fenced country", root.diagnostics());
  for (const Section& section : root.sections("fence")) {
    FenceRule rule;
    rule.countries = section.strings("countries");
    for (size_t i = 0; i < rule.countries.size(); ++i)
      countries.add(rule.countries[i], section.item_place("countries", i));
    require_some(section, "countries", rule.countries.empty());
    rule.regions = regions.checked_list(section, "regions");
    require_some(section, "regions", rule.regions.empty());
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace rhumb::config
