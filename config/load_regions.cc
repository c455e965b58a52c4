// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

void read_location(const Section& section, RegionSpec& spec) {
  const Section location = section.section("location");
  spec.has_location = section.has("location");
  spec.latitude = location.number("latitude");
  spec.longitude = location.number("longitude");
  spec.country = location.string("country");
}

/// "200" or "200-299".
void read_expect(const Section& section, HealthSpec& spec) {
  const std::string text = section.string("expect");
  const size_t dash = text.find('-');
  const auto low = read_integer(std::string_view(text).substr(0, dash));
  const auto high = dash == std::string::npos ? low : read_integer(std::string_view(text).substr(dash + 1));
  if (low && high && *low >= 100 && *low <= *high && *high <= 599) {
    spec.expect_low = static_cast<uint16_t>(*low);
    spec.expect_high = static_cast<uint16_t>(*high);
  } else if (section.good("expect")) {
    section.error(code::kExpect, "expect", section.said("expect") + " is not a status or a range of statuses",
                  "write 200 or 200-299");
  }
}

HealthSpec read_health(const Section& section) {
  HealthSpec spec;
  spec.enabled = section.boolean("enabled");
  spec.path = section.string("path");
  // A query is allowed here: it is sent, not matched.
  check_url_path(spec.path.substr(0, spec.path.find('?')), section.place("path"), section.path() + ".path",
                 section.diagnostics());
  spec.host = section.string("host");
  if (spec.host.find_first_of(" /@?#\\") != std::string::npos) {
    section.error(code::kHost, "host", section.said("host") + " cannot be a Host header");
  }
  spec.interval = section.duration("interval");
  spec.timeout = section.duration("timeout");
  spec.unhealthy_after = static_cast<uint32_t>(section.integer("unhealthy_after"));
  spec.healthy_after = static_cast<uint32_t>(section.integer("healthy_after"));
  read_expect(section, spec);
  return spec;
}

constexpr size_t kMaxEndpoints = 8192;

std::vector<base::SocketAddress> read_endpoints(const Section& section) {
  std::vector<base::SocketAddress> endpoints;
  Once once(code::kDuplicateItem, "endpoint", section.diagnostics());
  const std::vector<std::string> texts = section.strings("endpoints");
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto address = base::SocketAddress::parse(texts[i]);
    const Place place = section.item_place("endpoints", i);
    const std::string path = fmt::format("{}.endpoints[{}]", section.path(), i);
    if (texts[i].starts_with("unix:")) {
      section.diagnostics().error(code::kAddress, place, path + ": an endpoint needs ip:port, not a unix socket");
    } else if (address && (address->port == 0 || address->ip.is_unspecified())) {
      section.diagnostics().error(
          code::kAddress, place,
          fmt::format("{}: {} cannot be connected to", path, section.diagnostics().said(texts[i], place)),
          "give the address and port of a server");
    } else if (address) {
      once.add(address->to_string(), place);
      endpoints.push_back(*address);
    }
  }
  if (section.good("endpoints") && texts.empty()) {
    section.error(code::kNoneGiven, "endpoints", "at least one endpoint is needed",
                  R"(as endpoints: ["10.0.0.1:8080"])");
  }
  return endpoints;
}

void read_backup(const Section& section, const RegionNames& names, RegionSpec& spec) {
  spec.backup = names.checked_list(section, "backup");
  for (size_t i = 0; i < spec.backup.size(); ++i) {
    if (spec.backup[i] != spec.name || spec.name.empty()) continue;
    section.diagnostics().add(
        {Severity::error,
         code::kOwnBackup,
         section.item_place("backup", i),
         fmt::format("{}.backup: a region cannot stand in for itself", section.path()),
         {},
         spec.place,
         fmt::format("region{} is named here", section.diagnostics().named(spec.name, spec.place))});
  }
}

void read_numbers(const Section& section, const OwnTerms& terms, RegionSpec& spec) {
  const Node* node = section.good("numbers") ? section.node()->find("numbers") : nullptr;
  if (node == nullptr) return;
  for (const Node::Member& member : node->members)
    terms.check(member, section.path() + ".numbers", {}, section.diagnostics());
  spec.numbers = section.number_map("numbers");
}

RegionSpec read_region(const Section& section, const RegionNames& names, const OwnTerms& terms) {
  RegionSpec spec;
  spec.name = section.string("name");
  spec.place = section.place("name");
  read_location(section, spec);
  spec.weight = section.number("weight");
  spec.priority = static_cast<int32_t>(section.integer("priority"));
  spec.bias = section.number("bias");
  if (section.has("price")) spec.price = section.number("price");
  read_numbers(section, terms, spec);
  if (section.has("max_latency")) spec.max_latency = section.duration("max_latency");
  spec.max_requests = static_cast<uint64_t>(section.integer("max_requests"));
  spec.dial = section.percent("dial");
  read_backup(section, names, spec);
  spec.endpoints = read_endpoints(section);
  spec.balance = section.string("balance");
  spec.health = read_health(section.section("health"));
  const Section keep_alive = section.section("keep_alive");
  spec.keep_alive_idle = static_cast<uint32_t>(keep_alive.integer("idle"));
  spec.keep_alive_timeout = keep_alive.duration("idle_timeout");
  spec.keep_alive_requests = static_cast<uint64_t>(keep_alive.integer("max_requests"));
  spec.preconnect = static_cast<uint32_t>(keep_alive.integer("preconnect"));
  spec.connect = section.section("timeouts").duration("connect");
  return spec;
}

}  // namespace

std::vector<RegionSpec> read_regions(const Section& root, const std::vector<Section>& sections,
                                     const RegionNames& names, const OwnTerms& terms) {
  std::vector<RegionSpec> regions;
  size_t endpoints = 0;
  for (const Section& section : sections) {
    regions.push_back(read_region(section, names, terms));
    const size_t more = regions.back().endpoints.size();
    endpoints += more;
    if (endpoints > kMaxEndpoints && endpoints - more <= kMaxEndpoints)  // said once
      section.error(code::kTooManyEndpoints, "endpoints",
                    fmt::format("more than {} endpoints in all regions together", kMaxEndpoints));
  }
  if (regions.empty()) {
    root.diagnostics().error(code::kNoneGiven, root.key_place("regions"), "at least one region is needed",
                             R"(add regions: [{name: home, endpoints: ["127.0.0.1:9001"]}])");
  }
  return regions;
}

}  // namespace rhumb::config
