// SPDX-License-Identifier: Apache-2.0
// What recording a decision costs a worker, and how long a million of them take to replay and to plan with.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "config/load.h"
#include "foresight/plan.h"
#include "foresight/policy_blob.h"
#include "foresight/recorder.h"
#include "foresight/replay.h"

namespace rhumb::foresight {
namespace {

config::Spec seven_regions(const char* more = "") {
  constexpr struct {
    const char* name;
    double latitude, longitude;
  } kRegions[] = {{"us-east", 37.5, -77.5},  {"us-west", 45.6, -121.2}, {"eu-west", 53.3, -6.2},
                  {"eu-central", 50.1, 8.7}, {"ap-south", 1.3, 103.8},  {"ap-north", 35.7, 139.7},
                  {"sa-east", -23.5, -46.6}};
  std::string text = "listeners: [{name: web, address: \"127.0.0.1:0\"}]\nregions:\n";
  for (const auto& region : kRegions)
    text += "  - {name: " + std::string(region.name) + ", location: {latitude: " + std::to_string(region.latitude) +
            ", longitude: " + std::to_string(region.longitude) +
            "}, endpoints: [\"127.0.0.1:1\"], max_latency: 300ms}\n";
  config::Loaded loaded = config::load_text(text + more, "bench.yaml");
  RHUMB_ASSERT(loaded.ok());
  return std::move(loaded.spec);
}

/// A gateway's traffic without the gateway.
class Traffic {
 public:
  explicit Traffic(uint64_t slots)
      : directory_(std::filesystem::temp_directory_path() / ("rhumb-bench-" + std::to_string(::getpid()))),
        policies_(decision::compile_policies(seven_regions())),
        rows_(policies_.regions->size()) {
    auto opened = Recorder::open(directory_, lanes_at(1) + slots * kSlotSize, 1, counts_);
    RHUMB_ASSERT(opened);
    recorder_ = *std::move(opened);
    const std::string blob = pack_policies(policies_);
    id_ = policies_id(blob);
    recorder_->keep(id_, blob);
    states_ = decision::unmeasured(*policies_.regions);
    states_.epoch = 1;
    for (int i = 0; i < 64; ++i) paths_.push_back("/api/v1/items/" + std::to_string(i));
  }
  ~Traffic() { std::filesystem::remove_all(directory_); }

  void decide() {
    facts_.client = base::IpAddress::v4(static_cast<uint32_t>(random_.next()));
    facts_.where.point = {static_cast<double>(random_.below(14'000)) / 100 - 70,
                          static_cast<double>(random_.below(36'000)) / 100 - 180};
    facts_.where.has_point = true;
    facts_.where.country = geo::Country::of("FR");
    made_ = decision::decide(policies_.routes[0].policy, states_, facts_, random_.next(), rows_);
  }
  void record() {
    RHUMB_ASSERT(recorder_->lane(0).record({facts_, made_, id_, 1, 0, 0}, states_,
                                           {"GET", "shop.example", paths_[++count_ % paths_.size()]}, {}, now_));
  }
  void move() { ++states_.epoch, states_.of[0].in_flight = static_cast<uint32_t>(random_.below(900)); }
  void write() { recorder_->write(); }
  std::string ring() const { return directory_ / kRingName; }
  uint64_t count() const { return count_; }

 private:
  std::filesystem::path directory_;
  decision::Policies policies_;
  std::vector<decision::Candidate> rows_;
  RecorderCounts counts_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::string> paths_;
  uint64_t id_ = 0, count_ = 0;
  decision::RegionStates states_;
  decision::RequestFacts facts_;
  decision::Decision made_;
  base::Random random_{3};
  base::WallTime now_{base::Micros(1'700'000'000'000'000)};
};

/// As a worker does it, with the lane written and the states published ten times a second at 20,000 decisions.
void record_decision(benchmark::State& state) {
  Traffic traffic(1 << 18);
  traffic.decide();
  uint64_t n = 0;
  for (auto _ : state) {
    traffic.record();
    if (++n % 2000 != 0) continue;
    state.PauseTiming();
    traffic.write(), traffic.move();
    state.ResumeTiming();
  }
}
BENCHMARK(record_decision);

constexpr uint64_t kMillion = 1'000'000;

Traffic& million() {
  static Traffic traffic(kMillion + 100'000);
  for (uint64_t i = traffic.count(); i < kMillion; ++i) {
    if (i % 2000 == 0) traffic.write(), traffic.move();
    traffic.decide(), traffic.record();
  }
  traffic.write();
  return traffic;
}

void replay_a_million(benchmark::State& state) {
  const std::string ring = million().ring();
  for (auto _ : state) {
    const auto recording = Recording::open(ring);
    ReplayReport report;
    replay(**recording, report);
    RHUMB_ASSERT(report.equal == kMillion && report.different == 0);
  }
}
BENCHMARK(replay_a_million)->Unit(benchmark::kMillisecond);

void plan_with_a_million(benchmark::State& state) {
  const std::string ring = million().ring();
  const config::Spec next = seven_regions("geo: {countries: {FR: eu-west}}\n");
  for (auto _ : state) {
    const auto report = plan_recorded(ring, next, std::nullopt);
    RHUMB_ASSERT(report && report->requests.all == kMillion && report->requests.moved > 0);
  }
}
BENCHMARK(plan_with_a_million)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rhumb::foresight
