// SPDX-License-Identifier: Apache-2.0
#include "proxy/local_world.h"

#include <bit>

#include "base/hash.h"

namespace rhumb::proxy {

size_t PoolTable::Hash::operator()(const base::SocketAddress& a) const noexcept {
  return base::hash64({reinterpret_cast<const char*>(a.ip.bytes().data()), 16}, a.port);
}

std::shared_ptr<upstream::Pool> PoolTable::of(const base::SocketAddress& address, const upstream::PoolLimits& limits) {
  auto& pool = pools_[address];
  if (pool == nullptr) pool = std::make_shared<upstream::Pool>(loop_, blocks_, address);
  pool->set_limits(limits);
  return pool;
}

void PoolTable::retire_except(const ConfigSnapshot& config) {
  for (auto at = pools_.begin(); at != pools_.end();) {
    bool wanted = false;
    for (const RegionBackend& backend : config.backends)
      for (const auto& endpoint : backend.endpoints) wanted = wanted || endpoint == at->first;
    if (!wanted) at->second->retire();
    at = !wanted && at->second.use_count() == 1 && at->second->idle_and_retired() ? pools_.erase(at) : std::next(at);
  }
}

void PoolTable::close_idle() {
  for (auto& [address, pool] : pools_) pool->retire();
}

LocalWorld::LocalWorld(World world, unsigned worker, PoolTable& pools) : world_(std::move(world)) {
  for (const RegionBackend& backend : world_.config->backends) {
    RegionPools region;
    region.backend = &backend;
    region.meter = backend.meters[worker];
    region.next = worker;
    for (const AnnouncedNumber& number : backend.announced)
      region.announced.push_back({number.field, http::field_id(number.field), number.cells[worker]});
    for (const auto& endpoint : backend.endpoints) region.endpoints.push_back(pools.of(endpoint, backend.pool));
    regions_.push_back(std::move(region));
  }
  const auto& sessions = world_.config->spec.sessions;
  if (world_.geo != nullptr) places_ = std::make_unique<geo::Cache>(*world_.geo);
  const auto& seals = world_.config->seals;
  codec_.emplace(sessions.keys, sessions::scope_of(sessions), seals.empty() ? nullptr : seals.front());
}

namespace {

int nth_bit(uint64_t bits, unsigned n) noexcept {
  while (n-- > 0) bits &= bits - 1;
  return std::countr_zero(bits);
}

}  // namespace

int choose_endpoint(RegionPools& region, uint64_t up, uint64_t tried, uint64_t draw) noexcept {
  const size_t count = region.endpoints.size();
  const uint64_t all = count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
  uint64_t usable = all & ~tried;
  // Every endpoint looks down: the probes may be wrong, so try what has not been tried.
  if ((usable & up) != 0) usable &= up;
  if (usable == 0) return -1;
  const auto n = static_cast<unsigned>(std::popcount(usable));
  if (n == 1) return std::countr_zero(usable);
  switch (region.backend->balance) {
    case RegionBackend::Balance::round_robin:
      return nth_bit(usable, region.next++ % n);
    case RegionBackend::Balance::random:
      return nth_bit(usable, static_cast<unsigned>(draw % n));
    case RegionBackend::Balance::least_conn:
      break;
  }
  int best = -1;
  const unsigned start = region.next++ % n;  // equals take turns
  for (unsigned i = 0; i < n; ++i) {
    const int at = nth_bit(usable, (start + i) % n);
    if (best < 0 ||
        region.endpoints[static_cast<size_t>(at)]->lent() < region.endpoints[static_cast<size_t>(best)]->lent())
      best = at;
  }
  return best;
}

}  // namespace rhumb::proxy
