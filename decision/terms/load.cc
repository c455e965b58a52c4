// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "decision/term.h"

namespace rhumb::decision {
namespace {

constexpr double kHalfOf = 50;  // in flight at which a region without a limit counts as half used

double raw(const TermInput& in) noexcept { return in.state.in_flight; }

double value(const TermInput& in) noexcept {
  const double used = raw(in);
  if (in.region.max_requests == 0) return kHalfOf / (kHalfOf + used);
  return std::max(0.0, 1 - used / static_cast<double>(in.region.max_requests));
}

double raw_for(const TermInput& in, double value) noexcept {
  if (!(value > 0 && value <= 1)) return kUnknown;
  const double used = in.region.max_requests == 0 ? kHalfOf / value - kHalfOf
                                                  : (1 - value) * static_cast<double>(in.region.max_requests);
  return std::floor(used + 1e-6);  // there are no half requests; less is better, so down
}

void assume(Region&, RegionState& state, const RequestFacts&, double used) noexcept {
  const double whole = std::ceil(used - 1e-6);  // a part of a request is one
  state.in_flight = static_cast<uint32_t>(std::clamp(whole, 0.0, double{std::numeric_limits<uint32_t>::max()}));
}

}  // namespace

const TermType load_term = {
    .name = "load",
    .unit = "requests",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
    .lower_wins = true,
};

}  // namespace rhumb::decision
