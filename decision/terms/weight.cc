// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "decision/decide.h"

namespace rhumb::decision {
namespace {

double raw(const TermInput& in) noexcept { return in.region.weight; }

double value(const TermInput& in) noexcept {
  const double share = in.region.weight / in.policy.max_weight;
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
}

double raw_for(const TermInput& in, double value) noexcept {
  return value >= 0 && value <= 1 ? value * in.policy.max_weight : kUnknown;
}

void assume(Region& region, RegionState&, const RequestFacts&, double weight) noexcept { region.weight = weight; }

}  // namespace

const TermType weight_term = {
    .name = "weight",
    .unit = "",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
};

}  // namespace rhumb::decision
