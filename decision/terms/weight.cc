// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "decision/term.h"

namespace rhumb::decision {
namespace {

double raw(const TermInput& in) noexcept { return in.region.weight; }

double value(const TermInput& in) noexcept {
  const double share = in.region.weight / in.max_weight;
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
}

double raw_for(const TermInput& in, double value) noexcept {
  return value >= 0 && value <= 1 ? value * in.max_weight : std::numeric_limits<double>::quiet_NaN();
}

void assume(Region& region, RegionState&, const RequestFacts&, double weight) noexcept { region.weight = weight; }

}  // namespace

const TermType weight_term = {
    .name = "weight",
    .unit = "",
    .summary = "The region's configured weight, relative to the largest one.",
    .raw = raw,
    .value = value,
    .default_weight = 0.1,
    .raw_for = raw_for,
    .assume = assume,
};

}  // namespace rhumb::decision
