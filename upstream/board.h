// SPDX-License-Identifier: Apache-2.0
// What is known of all regions: runs the probes, gathers the workers' meters, lays the operator's overrides over both,
// and publishes RegionStates: at once when an endpoint's or a region's health or an override changes, else at most
// every 100 ms while something moves. Control thread.
//
// Latency is an average over probe and request times (sent to response head), weighted by age with the configured
// half-life. Without fresh samples it decays toward the floor, so that a region once slow is tried again.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/random.h"
#include "decision/region.h"
#include "upstream/meters.h"
#include "upstream/overrides.h"
#include "upstream/probe.h"

namespace rhumb::upstream {

struct HealthPolicy {
  bool enabled = true;
  std::string path, host;
  base::Micros interval{}, timeout{};
  uint32_t unhealthy_after = 3, healthy_after = 2;
  uint16_t expect_low = 200, expect_high = 299;
};

/// From the loss of an endpoint to its being seen, at worst, by probes alone.
base::Micros worst_detection(const HealthPolicy& policy) noexcept;

struct BoardRegion {
  std::string name;
  std::vector<base::SocketAddress> endpoints;
  HealthPolicy health;
  std::vector<RegionMeter*> meters;
  base::Micros latency_floor{};  // light in fibre between here and there; zero when unknown
  double dial = 1;               // as configured
  /// Where workers keep what it announces for the operator's terms, by slot; empty: it announces nothing.
  std::array<std::vector<Announced*>, decision::kNumbers> numbers;
};

struct LatencyPolicy {
  base::Micros half_life = base::Seconds(10), idle_decay = base::Seconds(60);
};

/// One endpoint's standing, for people.
struct EndpointReport {
  std::string address;
  bool healthy = true;
  uint32_t failures = 0, successes = 0;  // consecutive
  base::WallTime last_check{};
  base::Micros latency{};
  std::string error;
};
struct RegionReport {
  std::string name;
  decision::RegionState state;   // in force: with the overrides
  bool measured_healthy = true;  // without them
  double configured_dial = 1;
  base::Micros worst_detection{};
  std::vector<EndpointReport> endpoints;
  std::vector<Override> overrides;
  uint64_t went_up = 0, went_down = 0;
  base::WallTime since{};             // of its last change between up and down
  uint64_t requests = 0, errors = 0;  // attempts since the start, and those that failed
};

/// Something that happened to a region, for those who tell it on.
struct BoardEvent {
  enum class Kind : uint8_t {
    endpoint_up,
    endpoint_down,
    region_up,
    region_down,
    region_added,
    region_removed,  // by a reload; `in_flight` of its requests still run there
    region_left,     // the last of those has ended
    override_set,
    override_ended
  };
  Kind kind;
  std::string region, endpoint;
  std::string why;  // what a check said; how an override ended
  uint64_t in_flight = 0;
  const Override* about = nullptr;  // with override_*
  std::string by{};                 // who caused it, by an override or a reload; empty: nobody
};

class Board {
 public:
  using Publish = std::function<void(std::shared_ptr<const decision::RegionStates>)>;
  using Tell = std::function<void(const BoardEvent&)>;
  Board(net::Loop& loop, uint64_t seed, Publish publish, Tell tell);
  ~Board();

  /// A (new) configuration. What is known of endpoints that stay is kept, and so are overrides of what is still there;
  /// publishes at once. `by`: whose doing it is, for what is told of it.
  void configure(std::vector<BoardRegion> regions, const LatencyPolicy& latency, const std::string& by = {});
  std::shared_ptr<const decision::RegionStates> states() const noexcept { return published_; }
  /// Of each region with the first `endpoints` of its endpoints.
  std::vector<RegionReport> report(size_t endpoints = SIZE_MAX) const;
  /// Of one, with `most` of its endpoints from number `from` on: it may have thousands.
  RegionReport report_of(size_t region, size_t from, size_t most) const;
  /// Number of a region; nothing: there is none of that name.
  std::optional<size_t> find(std::string_view region) const noexcept;
  std::vector<std::string_view> names() const;
  bool has_endpoint(size_t region, std::string_view address) const noexcept;
  /// Each change here is published before the call returns.
  Overrides& overrides() noexcept { return overrides_; }
  const Overrides& overrides() const noexcept { return overrides_; }
  /// Every enabled endpoint has been checked at least once.
  bool all_checked() const noexcept;

 private:
  struct Endpoint;
  struct Region;
  /// A region that is configured no more, while requests run there.
  struct Leaving {
    std::string name;
    std::vector<RegionMeter*> meters;
  };
  std::unique_ptr<Region> configured(BoardRegion config, std::vector<std::unique_ptr<Region>>& old);
  void take_over(Region& region, std::vector<std::unique_ptr<Endpoint>> known);
  void tell_of_changed_regions(const std::vector<std::unique_ptr<Region>>& gone, const std::vector<std::string>& added);
  void look_at_leaving();
  void override_changed(const Override& o, Overrides::Change change, const std::string& by);
  void tell(BoardEvent event) const;
  void schedule(Endpoint& endpoint, base::Micros after);
  void probe(Endpoint& endpoint);
  void probed(Endpoint& endpoint, const ProbeResult& result);
  void sample(Region& region, base::Instant now);
  void look_at_numbers(Region& region, base::Instant now);
  void add_latency(Region& region, double micros, base::Instant now);
  void tick();
  void publish();
  decision::RegionState state_of(Region& region) const;
  std::string note_of(const Region& region) const;
  void tell_of_turns();
  static void on_tick(void* self) noexcept;

  net::Loop& loop_;
  base::BlockPool blocks_{16};
  base::Random random_;
  Publish publish_;
  Tell tell_;
  LatencyPolicy latency_;
  std::vector<std::unique_ptr<Region>> regions_;
  std::vector<Leaving> leaving_;
  Overrides overrides_;
  std::shared_ptr<const decision::RegionStates> published_;
  net::Timer tick_;
  std::string by_;  // who causes what happens now
  uint64_t epoch_ = 0;
  bool moved_ = false;
};

}  // namespace rhumb::upstream
