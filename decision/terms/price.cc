// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "decision/decide.h"

namespace rhumb::decision {
namespace {

double raw(const TermInput& in) noexcept { return in.region.price; }

/// Zero for the dearest, one for what costs nothing: the unit and the size of the prices do not matter.
double value(const TermInput& in) noexcept {
  const double price = in.region.price;
  if (!std::isfinite(price)) return kNeutral;
  return in.policy.max_price > 0 ? std::clamp(1 - price / in.policy.max_price, 0.0, 1.0) : 1;
}

double raw_for(const TermInput& in, double value) noexcept {
  return in.policy.max_price > 0 && value >= 0 && value <= 1 ? (1 - value) * in.policy.max_price : kUnknown;
}

void assume(Region& region, RegionState&, const RequestFacts&, double price) noexcept { region.price = price; }

}  // namespace

const TermType price_term = {
    .name = "price",
    .unit = "",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
    .lower_wins = true,
};

}  // namespace rhumb::decision
