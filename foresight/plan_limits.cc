// SPDX-License-Identifier: Apache-2.0
#include "foresight/plan_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace rhumb::foresight {
namespace {

/// Nobody is over by rounding alone.
bool is_over(const PlannedRegion& region, double share) {
  return region.limit != 0 && region.peak_then > share * static_cast<double>(region.limit) * (1 + 1e-9);
}

}  // namespace

void PlanLimits::tighten(const PlanLimits& other) noexcept {
  for (const PlanLimit& limit : kPlanLimits) {
    std::optional<double>& own = this->*limit.member;
    if (const auto& theirs = other.*limit.member) own = std::min(own.value_or(*theirs), *theirs);
  }
}

bool take_limit(const PlanLimit& limit, std::string_view text, PlanLimits& to) {
  const auto share = base::parse_percent(text);
  if (!share || *share > limit.most) return false;
  to.*limit.member = *share;
  return true;
}

std::string excess(const PlanReport& report, const PlanLimits& limits) {
  std::string out;
  if (limits.moved && report.moved_share() > *limits.moved)
    out +=
        fmt::format("{:.2f} % would move, and at most {:g} % may\n", report.moved_share() * 100, *limits.moved * 100);
  if (limits.lost && report.lost_share() > *limits.lost)
    out += fmt::format("{:.2f} % of the requests would be served by nobody any more, and at most {:g} % may\n",
                       report.lost_share() * 100, *limits.lost * 100);
  for (const PlannedRegion& region : report.regions)
    if (limits.load && is_over(region, *limits.load))
      out += fmt::format("{} would be at {:.1f} % of its max_requests, and at most {:g} % may be\n", region.name,
                         100 * region.peak_then / static_cast<double>(region.limit), *limits.load * 100);
  return out;
}

}  // namespace rhumb::foresight
