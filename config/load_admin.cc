// SPDX-License-Identifier: Apache-2.0
// The admin listener: where it listens, and who may ask.
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// Octal, of owner, group and others; the gateway itself must be able to connect.
unsigned read_mode(const Section& section) {
  const std::string text = section.string("mode");
  const bool octal = text.size() >= 3 && text.size() <= 4 && text.find_first_not_of("01234567") == std::string::npos;
  const unsigned mode = octal ? static_cast<unsigned>(std::stoul(text, nullptr, 8)) : 0;
  if (octal && mode <= 0777 && (mode & 0600) == 0600) return mode;
  section.error(code::kNotAllowed, "mode", section.said("mode") + " is no mode of a socket",
                "write \"0600\" or \"0660\", say");
  return 0600;
}

/// RFC 6750 2.1: what stands behind "Bearer " in a request.
bool is_bearer(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
}

std::vector<AdminSpec::Token> read_tokens(const Section& section) {
  std::vector<AdminSpec::Token> tokens;
  Once names(code::kDuplicateName, "token", section.diagnostics());
  for (const Section& each : section.sections("tokens")) {
    AdminSpec::Token token{read_name(each), each.string("role"), each.secret("secret")};
    names.add(token.name, each.place("name"));
    if (check_secret(each, token.secret.view()) && !is_bearer(token.secret.view()))
      each.error(code::kNotAllowed, "secret", "the secret cannot be sent in a header",
                 "use letters, digits and -._~+/= alone; make one with: openssl rand -hex 32");
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::vector<std::string> read_own_hosts(const Section& section) {
  std::vector<std::string> hosts = section.strings("hosts");
  for (size_t i = 0; i < hosts.size(); ++i) {
    const bool fits = !hosts[i].empty() && hosts[i].find_first_of(":/*[] ") == std::string::npos;
    const Place place = section.item_place("hosts", i);
    if (!fits)
      section.diagnostics().error(
          code::kHost, place,
          fmt::format("admin.hosts[{}]: {} is no name of a host", i, section.diagnostics().said(hosts[i], place)),
          "write it without port; addresses and localhost are always allowed");
    hosts[i] = lower_case(hosts[i]);
  }
  return hosts;
}

/// What says nothing (the default, an empty map) may stand anywhere.
void check_socket_only(const Section& section) {
  const auto refuse = [&](const char* key) {
    section.error(code::kNotAllowed, key, "only a unix socket has one", "use address: \"unix:/path\", or tokens");
  };
  if (section.has("mode") && section.string("mode") != section.fallback("mode")) refuse("mode");
  if (section.has("group") && !section.string("group").empty()) refuse("group");
  for (const char* key : {"users", "groups"})
    if (!section.map(key).empty()) refuse(key);
}

}  // namespace

AdminSpec read_admin(const Section& section, Once& addresses) {
  AdminSpec spec;
  if (section.node() == nullptr) return spec;
  spec.mode = read_mode(section);
  spec.group = section.string("group");
  spec.users = section.map("users");
  spec.groups = section.map("groups");
  spec.hosts = read_own_hosts(section);
  spec.tokens = read_tokens(section);
  const std::string text = section.string("address");
  if (text.starts_with("unix:")) {
    spec.unix_path = text.substr(5);
    return spec;
  }
  check_socket_only(section);
  spec.address = base::SocketAddress::parse(text);
  if (!spec.address) return spec;
  if (spec.address->port != 0) addresses.add(spec.address->to_string(), section.place("address"));
  if (!spec.address->ip.is_loopback() && spec.tokens.empty()) {
    section.error(code::kAddress, "address", "an address that others can reach needs tokens",
                  "add tokens, or use 127.0.0.1, [::1] or unix:/path");
  }
  return spec;
}

}  // namespace rhumb::config
