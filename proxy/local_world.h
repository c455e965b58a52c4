// SPDX-License-Identifier: Apache-2.0
// One worker's side of a World: the pools behind its regions and the token codec, counted without atomics. Exchanges
// hold it while they need the configuration; when the last one lets go of a replaced world, it travels back to the
// control thread to die there.
#pragma once
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "geo/cache.h"
#include "proxy/snapshot.h"
#include "sessions/affinity.h"
#include "sessions/token.h"
#include "upstream/pool.h"

namespace rhumb::proxy {

/// All pools of a worker, by endpoint address; outlives worlds.
class PoolTable {
 public:
  PoolTable(net::Loop& loop, base::BlockPool& blocks) : loop_(loop), blocks_(blocks) {}
  std::shared_ptr<upstream::Pool> of(const base::SocketAddress& address, const upstream::PoolLimits& limits);
  /// Stops keeping connections to endpoints that only old worlds know, and forgets pools nobody holds.
  void retire_except(const ConfigSnapshot& config);
  void close_idle();

 private:
  struct Hash {
    size_t operator()(const base::SocketAddress& a) const noexcept;
  };
  net::Loop& loop_;
  base::BlockPool& blocks_;
  std::unordered_map<base::SocketAddress, std::shared_ptr<upstream::Pool>, Hash> pools_;
};

struct RegionPools {
  const RegionBackend* backend = nullptr;
  upstream::RegionMeter* meter = nullptr;
  std::vector<std::shared_ptr<upstream::Pool>> endpoints;
  std::vector<upstream::AnnouncedField> announced;  // to be read of its response heads
  uint32_t next = 0;                                // round robin
};

class LocalWorld {
 public:
  LocalWorld(World world, unsigned worker, PoolTable& pools);

  const ConfigSnapshot& config() const noexcept { return *world_.config; }
  const decision::RegionStates& states() const noexcept { return *world_.states; }
  /// Null without a database.
  geo::Cache* places() noexcept { return places_.get(); }
  const World& world() const noexcept { return world_; }
  void replace_states(std::shared_ptr<const decision::RegionStates> states) noexcept {
    world_.states = std::move(states);
  }
  RegionPools& region(decision::RegionIndex index) noexcept { return regions_[index]; }
  const sessions::TokenCodec& codec() const noexcept { return *codec_; }
  const sessions::RegionLookup& region_lookup() const noexcept { return config().token_regions; }

  // Users are counted by the worker: see WorldRef.
  uint32_t users = 0;
  bool current = true;

 private:
  World world_;
  std::vector<RegionPools> regions_;
  std::unique_ptr<geo::Cache> places_;
  std::optional<sessions::TokenCodec> codec_;
};

/// The endpoint of a region to try next: up, not tried, by the region's balance. -1: none.
int choose_endpoint(RegionPools& region, uint64_t up, uint64_t tried, uint64_t draw) noexcept;

}  // namespace rhumb::proxy
