// SPDX-License-Identifier: Apache-2.0
// The readers of recordings. The first byte says what the others are: a whole file; slots, which get their places and
// checks and, if they are decisions, policies that are there; or policies. Whatever is read is replayed and planned
// with.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "config/load.h"
#include "foresight/plan_text.h"
#include "foresight/policy_blob.h"
#include "foresight/recorder.h"
#include "foresight/replay.h"

namespace {

using namespace rhumb;

constexpr const char* kFile = R"(listeners: [{name: web, address: "127.0.0.1:0"}]
geo: {countries: {US: us}, default_region: eu}
regions:
  - {name: eu, location: {latitude: 50.1, longitude: 8.7}, endpoints: ["127.0.0.1:1"], max_latency: 90ms, backup: [us]}
  - {name: us, location: {latitude: 38.9, longitude: -77.5}, endpoints: ["127.0.0.1:2"], dial: 80%, max_requests: 500}
fence: [{countries: [DE], regions: [eu]}]
routes: [{name: a, match: {path_prefix: /v1, headers: {x: y}}}, {name: b, strategy: weighted, filters: [{geo_acl: {deny: [KP]}}]}]
)";

/// A directory of this process, with the policies of kFile.
struct Place {
  Place() : directory(std::filesystem::temp_directory_path() / ("rhumb-fuzz-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(directory);
    const std::string blob = foresight::pack_policies(decision::compile_policies(spec));
    id = foresight::policies_id(blob);
    std::ofstream(directory / foresight::policies_name(id), std::ios::binary) << blob;
  }
  ~Place() { std::filesystem::remove_all(directory); }
  std::filesystem::path directory;
  config::Spec spec = config::load_text(kFile, "fuzz.yaml").spec;
  uint64_t id = 0;
};

Place& place() {
  static Place place;
  return place;
}

std::string head_for(uint64_t slots) {
  foresight::FileHead head;
  head.version = foresight::kRecordingVersion;
  head.slot_size = foresight::kSlotSize;
  head.lanes = 1;
  head.slots_of_a_lane = slots;
  const std::string terms = foresight::term_names();
  std::memcpy(head.terms, terms.data(), terms.size());
  std::string bytes(foresight::lanes_at(1), '\0');
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

std::string file_of(std::string_view slots) {
  using foresight::kSlotSize;
  std::string bytes(slots.size() / kSlotSize * kSlotSize, '\0');
  std::memcpy(bytes.data(), slots.data(), bytes.size());
  for (uint64_t i = 0; i < bytes.size() / kSlotSize; ++i) {
    foresight::Slot<foresight::DecisionRecord> slot;
    std::memcpy(&slot, &bytes[i * kSlotSize], sizeof slot);
    slot.head.sequence = i + 1;
    if (slot.head.kind == foresight::SlotKind::decision) slot.body.policies = place().id;
    slot.head.check = foresight::check_of(&slot);
    std::memcpy(&bytes[i * kSlotSize], &slot, sizeof slot);
  }
  return head_for(bytes.size() / kSlotSize) + bytes;
}

void read_recording(const std::string& bytes) {
  const std::string path = place().directory / foresight::kRingName;
  std::ofstream(path, std::ios::binary) << bytes;
  const auto recording = foresight::Recording::open(path);
  if (!recording) return;
  foresight::ReplayReport report;
  foresight::replay(**recording, report);
  const uint64_t unreplayed = report.unreplayed[0] + report.unreplayed[1] + report.unreplayed[2];
  RHUMB_ASSERT(report.replayed() + unreplayed == report.slots.decisions);
  RHUMB_ASSERT(!foresight::replay_text(report).empty() && !foresight::replay_json(report).empty());
  foresight::Plan plan(place().spec);
  plan.add(**recording, base::WallTime::min());
  const foresight::PlanReport planned = plan.report();
  RHUMB_ASSERT(planned.requests.all + planned.left_out == report.slots.decisions);
  RHUMB_ASSERT(!foresight::plan_text(planned).empty() && !foresight::plan_json(planned).empty());
}

void read_policies(std::string_view bytes) {
  const auto policies = foresight::unpack_policies(bytes);
  if (!policies) return;
  const decision::RegionStates states = decision::unmeasured(*policies->regions);
  std::vector<decision::Candidate> rows(policies->regions->size());
  decision::RequestFacts facts;
  facts.where.country = geo::Country::of("US");
  for (const decision::RoutePolicy& route : policies->routes) {
    const auto made = decision::decide(route.policy, states, facts, bytes.size(), rows);
    RHUMB_ASSERT(made.winner == decision::kNoRegion || made.winner < rows.size());
  }
  if (policies->routes.empty()) return;
  const auto again = foresight::unpack_policies(foresight::pack_policies(*policies));
  RHUMB_ASSERT(again && again->routes.size() == policies->routes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      read_recording(std::string(rest));
      break;
    case 1:
      read_recording(file_of(rest));
      break;
    default:
      read_policies(rest);
  }
  return 0;
}
