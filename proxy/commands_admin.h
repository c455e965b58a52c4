// SPDX-License-Identifier: Apache-2.0
// Commands that ask a running gateway: `rhumb regions`, `events`, `top`, `healthcheck`. All return the process's exit
// code: 0 ok, 1 failure. They block.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace rhumb::proxy {

/// Where the gateway is and with what token, as given on the command line; see find_gateway().
struct AskedGateway {
  std::string admin, token_file;
};

int show_regions(const AskedGateway& gateway, bool json);

/// One of `rhumb regions health|dial|drain|undrain`.
struct RegionChange {
  std::string setting;  // "health", "dial", "drain"
  bool take_back = false;
  std::string region;
  std::string value;     // "up", "down", "50%"
  std::string endpoint;  // of health alone; empty: the whole region
  std::string ttl, reason;
};
int change_region(const AskedGateway& gateway, const RegionChange& change, bool json);

struct EventsQuestion {
  bool follow = false, json = false;
  std::optional<uint64_t> after;  // without: all that are kept; with follow: what comes
};
int show_events(const AskedGateway& gateway, const EventsQuestion& question);
/// A screen a second until it is interrupted; `once`: one, without clearing anything. As JSON: a line instead.
int show_top(const AskedGateway& gateway, bool once, bool json);
/// 0 when /readyz answers 200. JSON: {"live": it answers, "ready": with 200, "reason": why not, or ""}.
int healthcheck(const AskedGateway& gateway, bool json);

}  // namespace rhumb::proxy
