// SPDX-License-Identifier: Apache-2.0
// What a configuration becomes: immutable, shared by all workers, published behind one pointer (World). Built by
// compile() on the control thread and destroyed there.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "admin/registry.h"
#include "base/clock.h"
#include "config/spec.h"
#include "decision/decide.h"
#include "decision/route_table.h"
#include "filters/chain.h"
#include "geo/locator.h"
#include "http/h1_parser.h"
#include "proxy/access_format.h"
#include "sessions/affinity.h"
#include "upstream/meters.h"
#include "upstream/pool.h"

namespace rhumb::proxy {

using base::Micros;

struct ListenerState {
  std::string name;
  base::SocketAddress address;  // as configured; port 0: any
  int backlog = 0;
  uint64_t max_connections = 0;  // over all workers; 0: the process's limit counts
  uint64_t max_process_connections = 0;
  uint32_t connections_per_ip = 0;                   // 0: no limit
  std::shared_ptr<const base::PrefixSet> unlimited;  // addresses it does not hold for
  admin::ListenerCells* cells = nullptr;             // lives as long as the process. Null: never served
  http::HeadLimits limits;
  Micros request_head{}, request_body{}, keep_alive{}, write{};
  uint64_t max_requests = 0;
  uint64_t min_rate = 0;  // bytes a second; 0: no limit
};

/// A number that a region announces in a field of its responses.
struct AnnouncedNumber {
  size_t slot = 0;  // of the operator's terms
  std::string field;
  std::vector<upstream::Announced*> cells;  // one per worker
};

/// Everything of a region but its policy side: where its endpoints are and how they are spoken to.
struct RegionBackend {
  std::string name;
  std::vector<base::SocketAddress> endpoints;
  std::vector<uint64_t> endpoint_keys;  // of the affinity token
  uint64_t key = 0;
  enum class Balance : uint8_t { least_conn, round_robin, random } balance = Balance::least_conn;
  upstream::PoolLimits pool;
  Micros connect{};
  std::vector<upstream::RegionMeter*> meters;  // one per worker
  std::vector<AnnouncedNumber> announced;      // mostly none
};

struct RouteState {
  std::string name;
  std::shared_ptr<const filters::Chain> chain;
  decision::Policy policy;
  bool affinity = false;
  bool websocket = true, geo_headers = false;
  uint64_t max_body = 0;
  Micros response_head{}, response_idle{}, tunnel{};
  Micros request_body{};  // zero: the listener's
  uint32_t tries = 1;
  double retry_budget = 0;
  std::vector<std::vector<admin::RouteCells*>> cells;  // [worker][region]; the last of a row: no region
};

struct ConfigSnapshot {
  config::Spec spec;
  uint64_t generation = 0;
  std::vector<std::shared_ptr<const ListenerState>> listeners;
  std::shared_ptr<const decision::Regions> regions;
  std::vector<RegionBackend> backends;      // by RegionIndex
  sessions::RegionLookup token_regions;     // what tokens name, among them
  std::vector<sessions::SealCount*> seals;  // by key of spec.sessions; live as long as the process. None: never served
  std::shared_ptr<const decision::RouteTable> table;
  std::vector<RouteState> routes;  // by index of the table
  std::shared_ptr<const filters::Chain> gateway_chain;
  std::shared_ptr<const AccessFormat> access_format;  // null: no access log
  bool any_affinity = false;
  std::string policies;      // as a recording keeps them; empty: nothing is recorded
  uint64_t policies_id = 0;  // their name there
};

/// What a request sees, all of one moment.
struct World {
  std::shared_ptr<const ConfigSnapshot> config;
  std::shared_ptr<const decision::RegionStates> states;
  std::shared_ptr<const geo::Locator> geo;  // may be null: no database
};

}  // namespace rhumb::proxy
