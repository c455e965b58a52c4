// SPDX-License-Identifier: Apache-2.0
// Where clients are, whose requests they make, and the fence.
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

/// Two rules for the same clients are a mistake; for a country and a tenant of it they are not.
void add_fenced(const Section& section, const FenceRule& rule, Once& once) {
  for (size_t c = 0; c < rule.countries.size(); ++c) {
    const Place place = section.item_place("countries", c);
    if (rule.tenants.empty()) once.add(rule.countries[c], place);
    for (const std::string& tenant : rule.tenants) once.add(rule.countries[c] + " of " + tenant, place);
  }
  if (!rule.countries.empty()) return;
  for (size_t t = 0; t < rule.tenants.size(); ++t) once.add(rule.tenants[t], section.item_place("tenants", t));
}

/// Is not there, or is an empty list.
bool says_nobody(const Section& section, std::string_view key) {
  return !section.has(key) || (section.good(key) && section.strings(key).empty());
}

void require_some(const Section& section, std::string_view key, bool empty) {
  if (section.good(key) && empty) section.error(code::kEmpty, key, "the list must not be empty");
}

}  // namespace

void check_country_keys(const Section& section, std::string_view key) {
  const Node* node = section.node() ? section.node()->find(key) : nullptr;
  if (node == nullptr) return;
  for (const Node::Member& member : node->members) {
    Node country;
    country.kind = Node::Kind::scalar;
    country.scalar = member.key;
    if (const auto refusal = check_scalar({}, Type::country, country)) {
      const bool may = is_one_word(member.key) && section.diagnostics().is_open(member.key_place);
      section.diagnostics().error(
          refusal->code, member.key_place,
          fmt::format("{}.{}: {}", section.path(), key, may ? refusal->message : unsaid(Type::country)), refusal->hint);
    }
  }
}

GeoSpec read_geo(const Section& section, const RegionNames& regions) {
  GeoSpec spec;
  spec.databases = section.strings("databases");
  spec.overlays = section.strings("overlays");
  spec.trusted_proxies = section.cidrs("trusted_proxies");
  spec.forwarded = read_forwarded(section.string("forwarded"));
  spec.country_header = read_token(section, "country_header", true);
  spec.latitude_header = read_token(section, "latitude_header", true);
  spec.longitude_header = read_token(section, "longitude_header", true);
  check_country_keys(section, "countries");
  spec.countries = section.map("countries");
  for (size_t i = 0; i < spec.countries.size(); ++i) {
    const auto& [country, region] = spec.countries[i];
    const Place key = section.node()->find("countries")->members[i].key_place;
    const bool may = section.diagnostics().is_open(key);
    regions.check(region, section.item_place("countries", i), may ? "geo.countries." + country : "geo.countries");
  }
  spec.default_region = section.string("default_region");
  regions.check(spec.default_region, section.place("default_region"), "geo.default_region");
  return spec;
}

TenantSpec read_tenant(const Section& section) {
  return {read_key(section, {"none", "host", "header:NAME", "cookie:NAME"})};
}

std::vector<FenceRule> read_fence(const Section& root, const RegionNames& regions) {
  std::vector<FenceRule> rules;
  Once once(code::kDuplicateItem, "fenced client", root.diagnostics());
  for (const Section& section : root.sections("fence")) {
    FenceRule rule{section.strings("countries"), section.strings("tenants"), {}};
    if (says_nobody(section, "countries") && says_nobody(section, "tenants"))
      section.diagnostics().error(code::kNoneGiven, section.place(),
                                  fmt::format("{}: neither countries nor tenants say whom it is about", section.path()),
                                  "name at least one");
    add_fenced(section, rule, once);
    rule.regions = regions.checked_list(section, "regions");
    require_some(section, "regions", rule.regions.empty());
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace rhumb::config
