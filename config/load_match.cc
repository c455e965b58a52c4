// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

bool is_label(std::string_view label) {
  constexpr size_t kMaxLabel = 63;
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= kMaxLabel && std::all_of(label.begin(), label.end(), fits);
}

/// A lower-case name, perhaps with "*." in front, or an address as it stands in a Host header.
bool is_host(std::string_view host) {
  constexpr size_t kMaxHost = 253;
  if (host.starts_with('[')) {
    const auto ip = host.ends_with(']') ? base::IpAddress::parse(host.substr(1, host.size() - 2)) : std::nullopt;
    return ip && !ip->is_v4();
  }
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (host.size() > kMaxHost) return false;
  while (true) {
    const size_t dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

std::vector<std::string> read_hosts(const Section& section) {
  std::vector<std::string> hosts = section.strings("host");
  Once once(code::kDuplicateItem, "host", section.diagnostics());
  for (size_t i = 0; i < hosts.size(); ++i) {
    const Place place = section.item_place("host", i);
    hosts[i] = lower_case(hosts[i]);
    if (hosts[i].size() > 1 && hosts[i].ends_with('.')) hosts[i].pop_back();
    once.add(hosts[i], place);
    if (is_host(hosts[i])) continue;
    const bool port = hosts[i].find(':') != std::string::npos && !hosts[i].starts_with('[');
    section.diagnostics().error(
        code::kHost, place,
        fmt::format("{}.host: {} is not the name of a host", section.path(),
                    section.diagnostics().said(hosts[i], place)),
        port ? "write it without the port" : "write api.example.org, or *.example.org for all below it");
  }
  return hosts;
}

std::vector<std::string> read_methods(const Section& section) {
  const std::vector<std::string> methods = section.strings("methods");
  Once once(code::kDuplicateItem, "method", section.diagnostics());
  for (size_t i = 0; i < methods.size(); ++i) {
    const Place place = section.item_place("methods", i);
    once.add(methods[i], place);
    const bool lower = std::any_of(methods[i].begin(), methods[i].end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (is_http_token(methods[i]) && !lower) continue;
    section.diagnostics().error(
        code::kName, place,
        fmt::format("{}.methods: {} is not a method", section.path(), section.diagnostics().said(methods[i], place)),
        lower ? "methods are written in capitals, as GET" : "");
  }
  return methods;
}

/// Names and values that must be there. Header names are lower-case from here on.
StringPairs read_pairs(const Section& section, std::string_view key, bool header, bool token) {
  StringPairs pairs = section.map(key);
  Once once(code::kDuplicateItem, "name", section.diagnostics());
  for (size_t i = 0; i < pairs.size(); ++i) {
    std::string& name = pairs[i].first;
    if (header) name = lower_case(name);
    const Place place = section.node()->find(key)->members[i].key_place;
    once.add(name, place);
    if (token ? is_http_token(name) : !name.empty()) continue;
    section.diagnostics().error(code::kName, place,
                                fmt::format("{}.{}: a name like this cannot be here", section.path(), key));
  }
  return pairs;
}

void check_paths(const Section& section, const MatchSpec& spec) {
  std::string_view first;
  for (const std::string_view key : {"path", "path_prefix", "path_pattern"}) {
    if (!section.has(key)) continue;
    if (!first.empty()) {
      section.diagnostics().add({Severity::error, code::kTwoPaths, section.key_place(key),
                                 fmt::format("{} has both {} and {}", section.path(), first, key), "keep one of them",
                                 section.key_place(first), fmt::format("{} is here", first)});
    }
    first = key;
  }
  if (section.good("path"))
    check_url_path(spec.path, section.place("path"), section.path() + ".path", section.diagnostics());
  if (section.good("path_prefix")) {
    check_url_path(spec.path_prefix, section.place("path_prefix"), section.path() + ".path_prefix",
                   section.diagnostics());
  }
  if (section.good("path_pattern") && spec.path_pattern.empty()) {
    section.error(code::kEmpty, "path_pattern", "the pattern must not be empty");
  }
}

}  // namespace

MatchSpec read_match(const Section& section) {
  MatchSpec spec;
  spec.hosts = read_hosts(section);
  spec.path = section.string("path");
  spec.path_prefix = section.string("path_prefix");
  spec.path_pattern = section.string("path_pattern");
  spec.pattern_place = section.place("path_pattern");
  check_paths(section, spec);
  spec.methods = read_methods(section);
  spec.headers = read_pairs(section, "headers", true, true);
  spec.query = read_pairs(section, "query", false, false);
  spec.cookies = read_pairs(section, "cookies", false, true);
  return spec;
}

}  // namespace rhumb::config
