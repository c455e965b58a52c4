// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/codes.h"
#include "config/load_parts.h"

namespace rhumb::config {
namespace {

base::SocketAddress read_listen_address(const Section& section, Once& addresses) {
  const std::string text = section.string("address");
  if (text.starts_with("unix:")) {
    section.error(code::kAddress, "address", "a listener needs ip:port, not a unix socket");
    return {};
  }
  const auto address = base::SocketAddress::parse(text);
  if (!address) return {};
  // Port 0 is another one each time.
  if (address->port != 0) addresses.add(address->to_string(), section.place("address"));
  return *address;
}

ListenerSpec read_listener(const Section& section, Once& names, Once& addresses) {
  ListenerSpec spec;
  spec.name = read_name(section);
  names.add(spec.name, section.place("name"));
  spec.address = read_listen_address(section, addresses);
  spec.backlog = static_cast<int>(section.integer("backlog"));
  spec.max_connections = static_cast<uint64_t>(section.integer("max_connections"));
  const Section limits = section.section("limits");
  spec.max_request_line = static_cast<uint32_t>(limits.size("request_line"));
  spec.max_head = static_cast<uint32_t>(limits.size("head"));
  spec.max_fields = static_cast<uint16_t>(limits.integer("fields"));
  spec.connections_per_ip = static_cast<uint32_t>(limits.integer("connections_per_ip"));
  spec.min_rate = limits.size("min_rate");
  const Section timeouts = section.section("timeouts");
  spec.request_head = timeouts.duration("request_head");
  spec.request_body = timeouts.duration("request_body");
  spec.keep_alive = timeouts.duration("keep_alive");
  spec.write = timeouts.duration("write");
  spec.max_requests = static_cast<uint64_t>(section.integer("max_requests"));
  return spec;
}

}  // namespace

std::vector<ListenerSpec> read_listeners(const Section& root, Once& addresses) {
  std::vector<ListenerSpec> listeners;
  Once names(code::kDuplicateName, "listener", root.diagnostics());
  for (const Section& section : root.sections("listeners"))
    listeners.push_back(read_listener(section, names, addresses));
  if (listeners.empty()) {
    root.diagnostics().error(code::kNoneGiven, root.key_place("listeners"), "at least one listener is needed",
                             R"(add listeners: [{name: web, address: "127.0.0.1:8080"}])");
  }
  return listeners;
}

}  // namespace rhumb::config
