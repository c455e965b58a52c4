// SPDX-License-Identifier: Apache-2.0
// What a configuration would do to traffic: recorded decisions are made again by its policies, on the facts, region
// states and draws of then, and what comes out differently is counted. Control thread's readers and command line.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "foresight/guards.h"
#include "foresight/population.h"
#include "foresight/recording.h"
#include "foresight/route_guess.h"

namespace rhumb::foresight {

/// Of some that were looked at, how many would be elsewhere.
struct Moved {
  uint64_t all = 0, moved = 0;
  double share() const noexcept { return all == 0 ? 0 : static_cast<double>(moved) / static_cast<double>(all); }
};

struct PlannedRegion {
  std::string name;
  uint64_t now = 0, then = 0;          // requests
  double peak_now = 0, peak_then = 0;  // in flight, of the moments that were recorded
  uint64_t limit = 0;                  // max_requests of the candidate; 0: none
};

struct PlanReport {
  Moved requests, clients, sessions;
  // Of the requests that move, those that nobody would serve, by what would keep them out.
  uint64_t no_route = 0, denied = 0, fenced = 0, no_region = 0;
  uint64_t left_out = 0;                 // records without policies or states
  std::vector<std::string> passed_over;  // recordings that could not be read, and why
  std::map<std::pair<std::string, std::string>, uint64_t> regions_matrix, routes_matrix;  // from, to; "" is none
  std::vector<PlannedRegion> regions;
  base::WallTime first{}, last{};
  bool synthetic = false;  // no recording, but a made-up population

  /// Nothing that can be planned with.
  bool nothing_recorded() const noexcept { return requests.all == 0; }
  /// The largest share of requests, clients and sessions that move.
  double moved_share() const noexcept;
  /// The share of requests that nobody would serve any more.
  double lost_share() const noexcept;
};

class Plan {
 public:
  /// What `next` would do; it must have been found good, and must outlive the plan.
  explicit Plan(const config::Spec& next);

  /// Adds the decisions that were recorded at `since` or later.
  void add(Recording& recording, base::WallTime since);

  /// Adds a population without a recording: everybody on every route that is in force now, with regions up and
  /// unmeasured. Weights are counted in place of requests.
  void add(const decision::Policies& now, const std::vector<Place>& people);

  PlanReport report() const;

 private:
  /// The regions of recorded policies, by their index there.
  struct Mapping {
    std::vector<uint16_t> names;                    // in names_
    std::vector<decision::RegionIndex> candidates;  // kNoRegion: the candidate has no such region
  };
  struct Case;
  const Mapping& mapping_of(uint64_t id, const decision::Policies& policies);
  const decision::RegionStates& states_of(const DecisionRecord& record, const decision::Policies& policies,
                                          const decision::RegionStates& states, const Mapping& mapping);
  void add_one(const DecisionRecord& record, Recording& recording);
  void add_case(const Case& at, uint32_t route);
  uint16_t decide(const Case& at, uint32_t route);
  static uint16_t lost(const Case& at, uint64_t& count);
  uint16_t name_index(const std::string& name);
  static void add_moved(std::unordered_map<uint64_t, bool>& seen, uint64_t key, bool moved);
  void fill_regions(PlanReport& report) const;

  static constexpr uint16_t kNobody = 0;  // in names_
  decision::Policies policies_;
  RouteGuess routes_;
  Guards guards_;
  std::vector<std::string> names_{""};
  std::vector<uint16_t> own_names_;  // of the candidate's regions
  std::unordered_map<uint64_t, Mapping> mappings_;
  struct States {
    decision::RegionStates mapped;
    std::vector<std::pair<uint16_t, uint32_t>> in_flight;  // by name, as recorded
  };
  std::unordered_map<uint64_t, States> states_;
  std::map<std::pair<uint16_t, uint16_t>, uint64_t> matrix_;
  std::map<std::pair<std::string, std::string>, uint64_t> routes_matrix_;
  std::unordered_map<uint64_t, bool> clients_, sessions_;
  std::vector<decision::Candidate> rows_;
  PlanReport sums_;
};

/// Of the decisions in a ring file or a recorder's directory: all, or those of the last so long. The error is a
/// sentence.
base::Result<PlanReport, std::string> plan_recorded(const std::string& path, const config::Spec& next,
                                                    std::optional<base::Micros> last);

/// Where nothing is recorded: of a population made of geo data, from what is in force now to what would be.
PlanReport plan_made_up(const config::Spec& now, const config::Spec& next, const geo::Locator* places);

}  // namespace rhumb::foresight
