// SPDX-License-Identifier: Apache-2.0
#include "upstream/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/wall_text.h"

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
  std::array<float, decision::kNumbers> numbers = decision::unknown_numbers<float>();
  bool healthy = true, measured_healthy = true;  // as published last
  uint64_t went_up = 0, went_down = 0;
  base::WallTime since{};
  std::vector<std::string> addresses;  // of the endpoints, as text
};

namespace {

uint64_t in_flight_of(const std::vector<RegionMeter*>& meters) {
  uint64_t sum = 0;
  for (const RegionMeter* meter : meters) sum += meter->in_flight.get();
  return sum;
}

}  // namespace

Board::Board(net::Loop& loop, uint64_t seed, Publish publish, Tell tell)
    : loop_(loop),
      random_(seed),
      publish_(std::move(publish)),
      tell_(std::move(tell)),
      overrides_(loop, [this](const Override& o, Overrides::Change change,
                              const std::string& by) { override_changed(o, change, by); }),
      tick_(&Board::on_tick, this) {}

Board::~Board() {
  loop_.timers().remove(tick_);
  regions_.clear();
  loop_.turn(base::Micros(0));  // probes under way are buried, and their memory is ours
}

void Board::configure(std::vector<BoardRegion> regions, const LatencyPolicy& latency, const std::string& by) {
  latency_ = latency;
  by_ = by;
  const bool first = published_ == nullptr;
  std::vector<std::unique_ptr<Region>> old = std::exchange(regions_, {});
  std::vector<std::string> added;
  for (BoardRegion& config : regions) {
    const size_t before = old.size();
    regions_.push_back(configured(std::move(config), old));
    if (old.size() == before) added.push_back(regions_.back()->config.name);
  }
  overrides_.keep(
      [this](const Override& o) {
        const auto region = find(o.region);
        return region && (o.endpoint.empty() || has_endpoint(*region, o.endpoint));
      },
      by);
  by_ = by;
  publish();
  if (!first) tell_of_changed_regions(old, added);
  by_.clear();
  loop_.timers().arm(tick_, loop_.now() + kBusyTick);
}

/// The region with that name, out of `old` if it was there.
std::unique_ptr<Board::Region> Board::configured(BoardRegion config, std::vector<std::unique_ptr<Region>>& old) {
  const auto before =
      std::find_if(old.begin(), old.end(), [&](const auto& r) { return r->config.name == config.name; });
  auto region = std::make_unique<Region>();
  if (before != old.end()) {
    region = std::move(*before);
    old.erase(before);
  } else {
    region->since = loop_.wall();
  }
  region->config = std::move(config);
  look_at_numbers(*region, loop_.now());  // a slot may be another term now
  take_over(*region, std::exchange(region->endpoints, {}));
  return region;
}

void Board::take_over(Region& region, std::vector<std::unique_ptr<Endpoint>> known) {
  region.addresses.clear();
  for (const auto& address : region.config.endpoints) {
    auto same =
        std::find_if(known.begin(), known.end(), [&](const auto& e) { return e != nullptr && e->address == address; });
    const bool stays = same != known.end();
    region.endpoints.push_back(stays ? std::move(*same) : std::make_unique<Endpoint>(*this, loop_, blocks_, address));
    region.addresses.push_back(address.to_string());
    Endpoint& endpoint = *region.endpoints.back();
    endpoint.region = &region;
    endpoint.probe.cancel();
    if (!region.config.health.enabled) {
      endpoint.healthy = endpoint.checked = true;
      loop_.timers().cancel(endpoint.timer);
    } else {
      // New endpoints are looked at now; the others keep about their rhythm.
      const auto spread =
          static_cast<int64_t>(random_.below(static_cast<uint64_t>(region.config.health.interval.count()) + 1));
      schedule(endpoint, stays ? base::Micros(spread) : base::Micros(0));
    }
  }
}

void Board::tell_of_changed_regions(const std::vector<std::unique_ptr<Region>>& gone,
                                    const std::vector<std::string>& added) {
  for (const std::string& name : added) {
    std::erase_if(leaving_, [&](const Leaving& l) { return l.name == name; });
    tell({BoardEvent::Kind::region_added, name, {}, {}});
  }
  for (const auto& region : gone) {
    const uint64_t busy = in_flight_of(region->config.meters);
    tell({BoardEvent::Kind::region_removed, region->config.name, {}, {}, busy});
    leaving_.push_back({region->config.name, region->config.meters});
  }
}

void Board::look_at_leaving() {
  std::erase_if(leaving_, [this](const Leaving& region) {
    if (in_flight_of(region.meters) != 0) return false;
    tell({BoardEvent::Kind::region_left, region.name, {}, {}});
    return true;
  });
}

void Board::override_changed(const Override& o, Overrides::Change change, const std::string& by) {
  by_ = by;
  publish();
  const bool set = change == Overrides::Change::set;
  tell({set ? BoardEvent::Kind::override_set : BoardEvent::Kind::override_ended, o.region, o.endpoint,
        std::string(upstream::name(change)), 0, &o});
  by_.clear();
}

void Board::tell(BoardEvent event) const {
  event.by = by_;
  if (tell_) tell_(event);
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
  tell({endpoint.healthy ? BoardEvent::Kind::endpoint_up : BoardEvent::Kind::endpoint_down,
        endpoint.region->config.name, endpoint.address.to_string(), result.error});
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

void Board::look_at_numbers(Region& region, base::Instant now) {
  for (size_t slot = 0; slot < region.numbers.size(); ++slot) {
    const float number = newest(region.config.numbers[slot], now), before = region.numbers[slot];
    if (number == before || (std::isnan(number) && std::isnan(before))) continue;
    region.numbers[slot] = number;
    moved_ = true;
  }
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
  look_at_numbers(region, now);
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
  look_at_leaving();
  loop_.timers().arm(tick_, now + (moved || !leaving_.empty() ? kBusyTick : kIdleTick));
}

void Board::on_tick(void* self) noexcept { static_cast<Board*>(self)->tick(); }

void Board::publish() {
  moved_ = false;
  auto states = std::make_shared<decision::RegionStates>();
  states->epoch = ++epoch_;
  std::vector<std::string> notes;
  bool noted = false;
  for (const auto& region : regions_) {
    states->of.push_back(state_of(*region));
    notes.push_back(note_of(*region));
    noted = noted || !notes.back().empty();
  }
  if (noted) states->notes = std::move(notes);
  published_ = states;
  if (publish_) publish_(std::move(states));
  tell_of_turns();
}

/// What an operator has set, and of a region that is down what the last check of its first endpoint said.
std::string Board::note_of(const Region& region) const {
  std::string note = overrides_.note(region.config.name);
  if (region.measured_healthy || region.endpoints.empty()) return note;
  const Endpoint& first = *region.endpoints.front();
  return note + fmt::format("{}{} checked {}: {}, {} failures in a row", note.empty() ? "" : "; ",
                            region.addresses.front(), base::wall_text(first.last_check), first.error, first.failures);
}

decision::RegionState Board::state_of(Region& region) const {
  decision::RegionState state;
  state.rtt = base::Micros(static_cast<int64_t>(region.rtt_us));
  state.in_flight = region.in_flight;
  state.error_rate = static_cast<float>(region.error_rate);
  state.dial = static_cast<float>(region.config.dial);
  state.numbers = region.numbers;
  state.endpoints_up = 0;
  for (size_t i = 0; i < region.endpoints.size() && i < 64; ++i)
    if (region.endpoints[i]->healthy) state.endpoints_up |= uint64_t{1} << i;
  state.healthy = region.measured_healthy = state.endpoints_up != 0;
  overrides_.apply(region.config.name, region.addresses, state);
  return state;
}

/// Who has gone up or down with what was published just now.
void Board::tell_of_turns() {
  const std::shared_ptr<const decision::RegionStates> now = published_;
  for (size_t i = 0; i < regions_.size() && now == published_; ++i) {
    Region& region = *regions_[i];
    if (region.healthy == now->of[i].healthy) continue;
    region.healthy = now->of[i].healthy;
    ++(region.healthy ? region.went_up : region.went_down);
    region.since = loop_.wall();
    tell({region.healthy ? BoardEvent::Kind::region_up : BoardEvent::Kind::region_down, region.config.name, {}, {}});
  }
}

std::vector<RegionReport> Board::report(size_t endpoints) const {
  std::vector<RegionReport> out;
  for (size_t i = 0; i < regions_.size(); ++i) out.push_back(report_of(i, 0, endpoints));
  return out;
}

RegionReport Board::report_of(size_t index, size_t first, size_t most) const {
  const Region& region = *regions_[index];
  RegionReport report;
  report.name = region.config.name;
  report.state = published_->of[index];
  report.measured_healthy = region.measured_healthy;
  report.configured_dial = region.config.dial;
  report.worst_detection = upstream::worst_detection(region.config.health);
  report.went_up = region.went_up, report.went_down = region.went_down, report.since = region.since;
  for (const RegionMeter* meter : region.config.meters)
    report.requests += meter->requests.get(), report.errors += meter->errors.get();
  const size_t all = region.endpoints.size();
  for (size_t e = std::min(first, all), left = most; e < all && left != 0; ++e, --left) {
    const Endpoint& from = *region.endpoints[e];
    report.endpoints.push_back(
        {region.addresses[e], from.healthy, from.failures, from.successes, from.last_check, from.latency, from.error});
  }
  for (const Override* o : overrides_.of(region.config.name)) report.overrides.push_back(*o);
  return report;
}

std::optional<size_t> Board::find(std::string_view name) const noexcept {
  for (size_t i = 0; i < regions_.size(); ++i)
    if (regions_[i]->config.name == name) return i;
  return std::nullopt;
}

std::vector<std::string_view> Board::names() const {
  std::vector<std::string_view> out(regions_.size());
  for (size_t i = 0; i < out.size(); ++i) out[i] = regions_[i]->config.name;
  return out;
}

bool Board::has_endpoint(size_t region, std::string_view address) const noexcept {
  const std::vector<std::string>& all = regions_[region]->addresses;
  return std::find(all.begin(), all.end(), address) != all.end();
}

bool Board::all_checked() const noexcept {
  for (const auto& region : regions_)
    for (const auto& endpoint : region->endpoints)
      if (!endpoint->checked) return false;
  return true;
}

}  // namespace rhumb::upstream
