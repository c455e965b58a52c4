// SPDX-License-Identifier: Apache-2.0
// The whole configuration as plain structs: what a file says, checked by itself and across its references, before
// anything is built from it. A value; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/secret_memory.h"
#include "config/diagnostic.h"
#include "config/node.h"

namespace rhumb::config {

class SourceList;

using base::Micros;
using StringPairs = std::vector<std::pair<std::string, std::string>>;

struct GatewaySpec {
  std::string region;
  unsigned workers = 0;  // 0: one per CPU
  Micros drain_timeout{}, upgrade_timeout{};
  bool watch_files = false;
  bool core_dumps = false;
  std::optional<uint64_t> memory_limit;  // 0: none; nothing: that of the cgroup
  std::string log_level;
};

struct AdminSpec {
  std::string unix_path;  // one of the two, or neither: no admin listener
  std::optional<base::SocketAddress> address;
  unsigned mode = 0600;            // of the unix socket
  std::string group;               // of it; empty: the process's own
  StringPairs users, groups;       // name or number -> role: read, operate or admin
  std::vector<std::string> hosts;  // lower-case
  struct Token {
    std::string name, role;
    base::Secret secret;
    bool operator==(const Token&) const = default;
  };
  std::vector<Token> tokens;
  bool operator==(const AdminSpec&) const = default;
};

struct AccessLogSpec {
  std::string path;    // "stdout", "off" or a file
  std::string format;  // "json", "clf", "combined", or a text with %{fields}
  Place format_place;
  std::vector<std::string> headers;  // of requests; lower-case
  bool query = false;
  std::vector<std::string> redact_query;  // parameters whose values are not logged; lower-case
  bool truncate_addresses = false;
  double sample = 1;  // share of the lines that is written
  uint64_t buffer = 0;
};

struct RecorderSpec {
  std::string directory;  // empty: nothing is recorded
  double sample = 1;      // share of the decisions
  uint64_t size = 0;      // of the ring, bytes
  bool clients = true, targets = true;
};

struct GeoSpec {
  std::vector<std::string> databases, overlays;
  std::vector<base::Cidr> trusted_proxies;
  enum class Forwarded : uint8_t { x_forwarded_for, forwarded, none } forwarded = Forwarded::x_forwarded_for;
  std::string country_header, latitude_header, longitude_header;  // lower-case; empty: not used
  StringPairs countries;                                          // ISO code -> region name
  std::string default_region;
};

struct ListenerSpec {
  std::string name;
  base::SocketAddress address;
  int backlog = 0;
  uint64_t max_connections = 0;
  uint32_t max_request_line = 0, max_head = 0;
  uint16_t max_fields = 0;
  uint32_t connections_per_ip = 0;
  uint64_t min_rate = 0;  // bytes a second
  Micros request_head{}, request_body{}, keep_alive{}, write{};
  uint64_t max_requests = 0;
};

struct HealthSpec {
  bool enabled = true;
  std::string path, host;
  Micros interval{}, timeout{};
  uint32_t unhealthy_after = 0, healthy_after = 0;
  uint16_t expect_low = 200, expect_high = 299;
};

struct RegionSpec {
  std::string name;
  Place place;
  double latitude = 0, longitude = 0;
  bool has_location = false;
  std::string country;
  double weight = 100;
  int32_t priority = 1;
  double bias = 0;
  std::optional<double> price;
  std::vector<std::pair<std::string, double>> numbers;  // term of Spec::terms -> number
  std::optional<Micros> max_latency;
  uint64_t max_requests = 0;
  double dial = 1;
  std::vector<std::string> backup;
  std::vector<base::SocketAddress> endpoints;
  std::string balance;
  HealthSpec health;
  uint32_t keep_alive_idle = 0, preconnect = 0;
  Micros keep_alive_timeout{};
  uint64_t keep_alive_requests = 0;
  Micros connect{};
};

struct TenantSpec {
  std::string key;  // none, host, header:NAME (lower-case) or cookie:NAME
};

/// A term of the operator's own.
struct TermSpec {
  std::string name;
  Place place;
  std::string unit;
  std::string header;  // lower-case; empty: only the file says
  enum class Normaliser : uint8_t { half, max } normaliser = Normaliser::half;
  double scale = 1;  // the half or the max
  bool lower_wins = true;
};
inline constexpr size_t kMaxTerms = 4;

struct FenceRule {
  std::vector<std::string> countries, tenants;  // one of them may be empty: any
  std::vector<std::string> regions;
};

struct SessionsSpec {
  std::string cookie;
  struct Key {
    uint8_t id = 0;
    base::Secret secret;
  };
  std::vector<Key> keys;
  Micros idle{}, absolute{};
  std::string path, same_site;
  bool secure = false;
  bool skip_cacheable = false;  // else what a shared cache may store becomes private
};

struct LatencySpec {
  Micros half_life{}, idle_decay{};
  double exploration = 0;
  bool all_slow = true;
};

struct MatchSpec {
  std::vector<std::string> hosts;               // lower-case; "*.example.org" matches one or more labels; empty: any
  std::string path, path_prefix, path_pattern;  // at most one not empty
  Place pattern_place;
  std::vector<std::string> methods;
  StringPairs headers, query, cookies;  // value "*": present
};

struct FilterSpec {
  std::string name;
  Place place;
  const Node* options = nullptr;  // into Spec::tree; null: no options
  std::string path;               // "routes[0].filters[1].ip_acl"
};

struct RouteSpec {
  std::string name;
  Place place;
  MatchSpec match;
  double split = 1;  // share taken of what matches
  std::string split_key;
  std::string strategy;
  std::vector<std::pair<std::string, double>> score;  // term -> weight, all terms present, Spec::terms last
  std::vector<std::string> regions;                   // never empty: all when the file says none
  bool affinity = false;
  std::string on_failure;
  bool panic = true, websocket = true, geo_headers = false;
  uint64_t max_body = 0;
  Micros response_head{}, response_idle{}, tunnel{};
  std::optional<Micros> request_body;  // else the listener's
  uint32_t tries = 0;
  double retry_budget = 0;
  std::vector<FilterSpec> filters;
};

/// What must hold of every decision: `rhumb verify` proves it or shows where it does not.
struct AssertSpec {
  enum class Rule : uint8_t { stays_in, served, max_load, unmoved, no_oscillation };
  std::string name;
  Place place;  // of the name
  Rule rule = Rule::served;
  uint32_t down = 1;                                    // with up to so many regions down
  std::vector<std::string> countries, tenants, routes;  // whose requests; none: all
  std::vector<std::string> regions;                     // stays_in: those; max_load: whose load, never empty
  double share = 1;                                     // of max_requests
  uint64_t requests = 0;                                // in flight, in all
  std::vector<std::pair<std::string, double>> spread;   // country -> its part of them, relative to the others'
};

struct Spec {
  std::shared_ptr<const Node> tree;           // keeps FilterSpec::options alive
  std::shared_ptr<const SourceList> sources;  // what it was read from, for origins; null: read from memory
  std::string hash;                           // first 12 hex digits of SHA-256 over the files
  GatewaySpec gateway;
  AdminSpec admin;
  AccessLogSpec access_log;
  RecorderSpec recorder;
  GeoSpec geo;
  TenantSpec tenant;
  std::vector<ListenerSpec> listeners;
  std::vector<RegionSpec> regions;
  std::vector<TermSpec> terms;
  std::vector<FenceRule> fence;
  SessionsSpec sessions;
  LatencySpec latency;
  std::vector<RouteSpec> routes;
  std::vector<AssertSpec> asserts;
};

}  // namespace rhumb::config
