// SPDX-License-Identifier: Apache-2.0
#include "upstream/board.h"

#include <algorithm>
#include <cmath>

namespace rhumb::upstream {
namespace {

constexpr base::Micros kBusyTick = base::Millis(100), kIdleTick = base::Seconds(1);
constexpr base::Micros kRecheck = base::Seconds(1);

/// While a verdict is open, checks come faster: a tenth of the interval, but not above one a second.
base::Micros recheck_interval(const HealthPolicy& policy) noexcept {
  return std::min(policy.interval, std::max(policy.interval / 10, kRecheck));
}

double decay(base::Micros elapsed, base::Micros half_life) noexcept {
  return std::exp2(-static_cast<double>(elapsed.count()) /
                   static_cast<double>(std::max<int64_t>(half_life.count(), 1)));
}

}  // namespace

base::Micros worst_detection(const HealthPolicy& policy) noexcept {
  if (!policy.enabled) return base::Micros(0);
  return policy.interval + recheck_interval(policy) * (policy.unhealthy_after - 1) +
         policy.timeout * policy.unhealthy_after;
}

struct Board::Endpoint {
  Endpoint(Board& b, net::Loop& loop, base::BlockPool& blocks, base::SocketAddress at)
      : board(b), address(at), probe(loop, blocks), timer(&Endpoint::due, this) {}
  ~Endpoint() { board.loop_.timers().remove(timer); }
  static void due(void* self) noexcept {
    auto& endpoint = *static_cast<Endpoint*>(self);
    endpoint.board.probe(endpoint);
  }

  Board& board;
  Region* region = nullptr;
  base::SocketAddress address;
  Probe probe;
  net::Timer timer;
  bool healthy = true, checked = false;
  uint32_t failures = 0, successes = 0;
  base::WallTime last_check{};
  base::Micros latency{};
  std::string error;
};

struct Board::Region {
  BoardRegion config;
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  double rtt_us = 0;  // zero: not measured
  double error_rate = 0;
  base::Instant measured{}, sampled{};
  uint64_t seen_sum = 0, seen_count = 0, seen_requests = 0, seen_errors = 0;
  uint32_t in_flight = 0;
};

Board::Board(net::Loop& loop, uint64_t seed, Publish publish, Change change)
    : loop_(loop),
      random_(seed),
      publish_(std::move(publish)),
      change_(std::move(change)),
      tick_(&Board::on_tick, this) {}

Board::~Board() {
  loop_.timers().remove(tick_);
  regions_.clear();
  loop_.turn(base::Micros(0));  // probes under way are buried, and their memory is ours
}

void Board::configure(std::vector<BoardRegion> regions, const LatencyPolicy& latency) {
  latency_ = latency;
  std::vector<std::unique_ptr<Region>> old = std::exchange(regions_, {});
  for (BoardRegion& config : regions) {
    auto region = std::make_unique<Region>();
    auto before = std::find_if(old.begin(), old.end(),
                               [&](const auto& r) { return r != nullptr && r->config.name == config.name; });
    std::vector<std::unique_ptr<Endpoint>> known;
    if (before != old.end()) {
      known = std::move((*before)->endpoints);
      region = std::move(*before);
      region->endpoints.clear();
    }
    region->config = std::move(config);
    for (const auto& address : region->config.endpoints) {
      auto same = std::find_if(known.begin(), known.end(),
                               [&](const auto& e) { return e != nullptr && e->address == address; });
      const bool stays = same != known.end();
      region->endpoints.push_back(stays ? std::move(*same)
                                        : std::make_unique<Endpoint>(*this, loop_, blocks_, address));
      Endpoint& endpoint = *region->endpoints.back();
      endpoint.region = region.get();
      endpoint.probe.cancel();
      if (!region->config.health.enabled) {
        endpoint.healthy = endpoint.checked = true;
        loop_.timers().cancel(endpoint.timer);
      } else {
        // New endpoints are looked at now; the others keep about their rhythm.
        const auto spread =
            static_cast<int64_t>(random_.below(static_cast<uint64_t>(region->config.health.interval.count()) + 1));
        schedule(endpoint, stays ? base::Micros(spread) : base::Micros(0));
      }
    }
    regions_.push_back(std::move(region));
  }
  publish();
  loop_.timers().arm(tick_, loop_.now() + kBusyTick);
}

void Board::schedule(Endpoint& endpoint, base::Micros after) {
  loop_.timers().arm(endpoint.timer, loop_.now() + after);
}

void Board::probe(Endpoint& endpoint) {
  const HealthPolicy& health = endpoint.region->config.health;
  endpoint.probe.start(
      {endpoint.address, health.path, health.host, health.timeout, health.expect_low, health.expect_high},
      [this, &endpoint](const ProbeResult& result) { probed(endpoint, result); });
}

void Board::probed(Endpoint& endpoint, const ProbeResult& result) {
  const HealthPolicy& health = endpoint.region->config.health;
  const bool was = endpoint.healthy, first = !endpoint.checked;
  endpoint.checked = true;
  endpoint.last_check = loop_.wall();
  endpoint.error = result.error;
  if (result.ok) {
    endpoint.failures = 0;
    ++endpoint.successes;
    endpoint.latency = result.latency;
    add_latency(*endpoint.region, static_cast<double>(result.latency.count()), loop_.now());
    if (endpoint.successes >= health.healthy_after) endpoint.healthy = true;
  } else {
    endpoint.successes = 0;
    ++endpoint.failures;
    // One that has never been seen up gets no benefit of the doubt.
    if (endpoint.failures >= health.unhealthy_after || first) endpoint.healthy = false;
  }
  const bool open = endpoint.healthy ? endpoint.failures > 0 : endpoint.successes > 0;
  const base::Micros interval = open ? recheck_interval(health) : health.interval;
  // Jitter of a tenth either way, so that many gateways do not check in step.
  const auto jitter =
      static_cast<int64_t>(random_.below(static_cast<uint64_t>(interval.count() / 5) + 1)) - interval.count() / 10;
  schedule(endpoint, interval + base::Micros(jitter));
  moved_ = true;
  if (endpoint.healthy == was) return;
  if (change_) change_(endpoint.region->config.name, endpoint.address.to_string(), endpoint.healthy, result.error);
  publish();
}

void Board::add_latency(Region& region, double micros, base::Instant now) {
  if (region.rtt_us <= 0) {
    region.rtt_us = micros;
  } else {
    const double keep = decay(now - region.measured, latency_.half_life);
    region.rtt_us = region.rtt_us * keep + micros * (1 - keep);
  }
  region.measured = now;
  moved_ = true;
}

void Board::sample(Region& region, base::Instant now) {
  uint64_t sum = 0, count = 0, requests = 0, errors = 0, in_flight = 0;
  for (const RegionMeter* meter : region.config.meters) {
    sum += meter->latency_sum_us.get(), count += meter->latency_count.get();
    requests += meter->requests.get(), errors += meter->errors.get(), in_flight += meter->in_flight.get();
  }
  if (count > region.seen_count)
    add_latency(region, static_cast<double>(sum - region.seen_sum) / static_cast<double>(count - region.seen_count),
                now);
  if (requests > region.seen_requests) {
    const double rate = std::min(
        1.0, static_cast<double>(errors - region.seen_errors) / static_cast<double>(requests - region.seen_requests));
    const double keep = decay(now - region.sampled, latency_.half_life);
    region.error_rate = region.error_rate * keep + rate * (1 - keep);
    moved_ = true;
  }
  if (static_cast<uint32_t>(in_flight) != region.in_flight) moved_ = true;
  region.in_flight = static_cast<uint32_t>(in_flight);
  region.seen_sum = sum, region.seen_count = count, region.seen_requests = requests, region.seen_errors = errors;
  // Nothing measured for a while: what was slow then need not be slow now.
  const double floor = static_cast<double>(region.config.latency_floor.count());
  if (region.rtt_us > floor && now - region.measured > latency_.idle_decay) {
    region.rtt_us = floor + (region.rtt_us - floor) * decay(now - region.sampled, latency_.idle_decay);
    moved_ = true;
  }
  region.sampled = now;
}

void Board::tick() {
  const base::Instant now = loop_.now();
  for (auto& region : regions_) sample(*region, now);
  const bool moved = moved_;
  if (moved) publish();
  loop_.timers().arm(tick_, now + (moved ? kBusyTick : kIdleTick));
}

void Board::on_tick(void* self) noexcept { static_cast<Board*>(self)->tick(); }

void Board::publish() {
  moved_ = false;
  auto states = std::make_shared<decision::RegionStates>();
  states->epoch = ++epoch_;
  for (const auto& region : regions_) {
    decision::RegionState state;
    state.rtt = base::Micros(static_cast<int64_t>(region->rtt_us));
    state.in_flight = region->in_flight;
    state.error_rate = static_cast<float>(region->error_rate);
    state.endpoints_up = 0;
    for (size_t i = 0; i < region->endpoints.size() && i < 64; ++i)
      if (region->endpoints[i]->healthy) state.endpoints_up |= uint64_t{1} << i;
    state.healthy = state.endpoints_up != 0;
    states->of.push_back(state);
  }
  published_ = states;
  if (publish_) publish_(std::move(states));
}

std::vector<RegionReport> Board::report() const {
  std::vector<RegionReport> out;
  for (size_t i = 0; i < regions_.size(); ++i) {
    RegionReport report{
        regions_[i]->config.name, published_->of[i], upstream::worst_detection(regions_[i]->config.health), {}};
    for (const auto& e : regions_[i]->endpoints)
      report.endpoints.push_back(
          {e->address.to_string(), e->healthy, e->failures, e->successes, e->last_check, e->latency, e->error});
    out.push_back(std::move(report));
  }
  return out;
}

bool Board::all_checked() const noexcept {
  for (const auto& region : regions_)
    for (const auto& endpoint : region->endpoints)
      if (!endpoint->checked) return false;
  return true;
}

}  // namespace rhumb::upstream
