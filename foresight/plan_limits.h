// SPDX-License-Identifier: Apache-2.0
// How far a plan may go: thresholds for exit codes, and for reloads that must not do too much. Values; any thread.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "foresight/plan.h"

namespace rhumb::foresight {

/// Shares; what is empty does not matter.
struct PlanLimits {
  std::optional<double> moved;  // of requests, clients or sessions, whichever is largest, that move
  std::optional<double> lost;   // of the requests, that nobody would serve any more
  std::optional<double> load;   // of a region's max_requests: its peak in flight

  bool any() const noexcept { return moved || lost || load; }
  /// What is within both is within the result.
  void tighten(const PlanLimits& other) noexcept;
};

/// One of them, as it is asked for.
struct PlanLimit {
  const char *name, *option;  // of a query, of the command line
  std::optional<double> PlanLimits::*member;
  double most;
  const char* past;  // "when ..."
};

inline constexpr std::array<PlanLimit, 3> kPlanLimits = {{
    {"max_moved", "--max-moved", &PlanLimits::moved, 1,
     "when a larger share of requests, clients or sessions would move: 2%"},
    {"max_lost", "--max-lost", &PlanLimits::lost, 1,
     "when nobody would serve a larger share of the requests any more: 0%"},
    {"max_load", "--max-load", &PlanLimits::load, 10,
     "when a region's peak in flight would be a larger share of its max_requests: 80%"},
}};

/// A limit from its text, "2%"; false: it is none.
bool take_limit(const PlanLimit& limit, std::string_view text, PlanLimits& to);

/// What of the plan is past its limits, a line each; empty: nothing is.
std::string excess(const PlanReport& report, const PlanLimits& limits);

}  // namespace rhumb::foresight
