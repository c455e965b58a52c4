// SPDX-License-Identifier: Apache-2.0
// What is known of all regions: runs the probes, gathers the workers' meters, and publishes RegionStates: at once when
// an endpoint's or a region's health changes, else at most every 100 ms while something moves. Control thread.
//
// Latency is an average over probe and request times (sent to response head), weighted by age with the configured
// half-life. Without fresh samples it decays toward the floor, so that a region once slow is tried again.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/random.h"
#include "decision/region.h"
#include "upstream/meters.h"
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
  decision::RegionState state;
  base::Micros worst_detection{};
  std::vector<EndpointReport> endpoints;
};

class Board {
 public:
  using Publish = std::function<void(std::shared_ptr<const decision::RegionStates>)>;
  using Change =
      std::function<void(const std::string& region, const std::string& endpoint, bool healthy, const std::string& why)>;
  Board(net::Loop& loop, uint64_t seed, Publish publish, Change change);
  ~Board();

  /// A (new) configuration. What is known of endpoints that stay is kept; publishes at once.
  void configure(std::vector<BoardRegion> regions, const LatencyPolicy& latency);
  std::shared_ptr<const decision::RegionStates> states() const noexcept { return published_; }
  std::vector<RegionReport> report() const;
  /// Every enabled endpoint has been checked at least once.
  bool all_checked() const noexcept;

 private:
  struct Endpoint;
  struct Region;
  void schedule(Endpoint& endpoint, base::Micros after);
  void probe(Endpoint& endpoint);
  void probed(Endpoint& endpoint, const ProbeResult& result);
  void sample(Region& region, base::Instant now);
  void add_latency(Region& region, double micros, base::Instant now);
  void tick();
  void publish();
  static void on_tick(void* self) noexcept;

  net::Loop& loop_;
  base::BlockPool blocks_{16};
  base::Random random_;
  Publish publish_;
  Change change_;
  LatencyPolicy latency_;
  std::vector<std::unique_ptr<Region>> regions_;
  std::shared_ptr<const decision::RegionStates> published_;
  net::Timer tick_;
  uint64_t epoch_ = 0;
  bool moved_ = false;
};

}  // namespace rhumb::upstream
