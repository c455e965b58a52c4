// SPDX-License-Identifier: Apache-2.0
// What the tests of foresight share: a directory that goes away, policies of a small file, and a gateway's traffic in
// miniature: random clients under region states that change.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/random.h"
#include "config/load.h"
#include "decision/policies.h"
#include "foresight/policy_blob.h"
#include "foresight/recorder.h"

namespace rhumb::foresight::testing {

class Directory {
 public:
  Directory() {
    std::string pattern = ::testing::TempDir() + "rhumb-foresight-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline config::Spec spec_of(const std::string& text) {
  config::Loaded loaded = config::load_text(text, "test.yaml");
  EXPECT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  return std::move(loaded.spec);
}

/// Three regions and two routes; `more` is added at the top level.
inline std::string small_file(const std::string& more = "") {
  return R"(listeners: [{name: web, address: "127.0.0.1:0"}]
latency: {exploration: 2%}
regions:
  - {name: eu, location: {latitude: 50.1, longitude: 8.7}, endpoints: ["127.0.0.1:1"], max_latency: 90ms, backup: [us]}
  - {name: us, location: {latitude: 38.9, longitude: -77.5}, endpoints: ["127.0.0.1:2"], dial: 80%, max_requests: 500}
  - {name: ap, location: {latitude: 1.3, longitude: 103.8}, endpoints: ["127.0.0.1:3"], weight: 40}
routes: [{name: api, match: {host: api.test, path_prefix: /v1}}, {name: rest, strategy: weighted}]
)" + more;
}

/// Decides for random clients and records it.
class Traffic {
 public:
  Traffic(Recorder& recorder, const std::string& file)
      : recorder_(recorder), policies_(decision::compile_policies(spec_of(file))) {
    const std::string blob = pack_policies(policies_);
    id_ = policies_id(blob);
    recorder.keep(id_, blob);
    states_ = decision::unmeasured(*policies_.regions);
    states_.epoch = 1;
  }
  void shake() {
    ++states_.epoch;
    for (decision::RegionState& state : states_.of) {
      state.rtt = base::Micros(random_.below(150'000));
      state.in_flight = static_cast<uint32_t>(random_.below(600));
      state.healthy = random_.below(4) != 0;
      state.endpoints_left = state.healthy || random_.below(2) == 0 ? ~uint64_t{0} : 0;
    }
  }
  decision::RequestFacts client() {
    decision::RequestFacts facts;
    facts.client = base::IpAddress::v4(static_cast<uint32_t>(random_.next()));
    facts.where.has_point = random_.below(8) != 0;
    if (facts.where.has_point)
      facts.where.point = {static_cast<double>(random_.below(17'000)) / 100 - 85,
                           static_cast<double>(random_.below(36'000)) / 100 - 180};
    facts.where.country = geo::Country::of(random_.below(2) == 0 ? "DE" : "US");
    facts.where.accuracy_km = static_cast<uint16_t>(random_.below(500));
    facts.tenant = random_.below(3) == 0 ? decision::tenant_key("acme") : 0;
    if (random_.below(3) == 0)
      facts.preference = {static_cast<decision::RegionIndex>(random_.below(3)), 0, 7, decision::Affinity::kept};
    return facts;
  }
  void go(size_t count, unsigned lane = 0) {
    for (size_t i = 0; i < count; ++i) {
      record(client(), lane, "/v1/" + std::to_string(random_.below(9)));
      if (i % 100 == 99) recorder_.write();
    }
    recorder_.write();
  }
  decision::Decision one(const decision::RequestFacts& facts, unsigned lane, const std::string& path) {
    const decision::Decision made = record(facts, lane, path);
    recorder_.write();
    return made;
  }
  /// Into the lane alone.
  decision::Decision record(const decision::RequestFacts& facts, unsigned lane, const std::string& path) {
    rows_.assign(policies_.regions->size(), {});
    const auto route = static_cast<uint32_t>(random_.below(policies_.routes.size()));
    const decision::Decision made =
        decision::decide(policies_.routes[route].policy, states_, facts, random_.next(), rows_);
    const uint64_t session = facts.preference.verdict == decision::Affinity::none ? 0 : 5;
    taken = recorder_.lane(lane).record({facts, made, id_, 3, route, session}, states_,
                                        {"GET", route == 0 ? "api.test" : "other.test", path}, privacy,
                                        base::WallTime(base::Micros(1'000'000 + recorded++)));
    return made;
  }

  LanePrivacy privacy;
  int64_t recorded = 0;
  bool taken = false;  // the last one

  uint64_t id() const { return id_; }
  decision::RegionStates& states() { return states_; }

 private:
  Recorder& recorder_;
  decision::Policies policies_;
  uint64_t id_;
  decision::RegionStates states_;
  std::vector<decision::Candidate> rows_;
  base::Random random_{7};
};

/// Size of a ring with so many slots in one lane.
inline uint64_t size_for(uint64_t slots, uint32_t lanes = 1) { return lanes_at(lanes) + lanes * slots * kSlotSize; }

/// What all recorders of a test counted.
inline RecorderCounts& counts() {
  static RecorderCounts counts;
  return counts;
}

inline std::unique_ptr<Recorder> recorder_in(const Directory& directory, uint64_t slots = 4096, unsigned lanes = 1) {
  auto opened = Recorder::open(directory.path(), size_for(slots, lanes), lanes, counts());
  EXPECT_TRUE(opened) << opened.error();
  return *std::move(opened);
}

}  // namespace rhumb::foresight::testing
