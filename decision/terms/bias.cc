// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "decision/term.h"

namespace rhumb::decision {
namespace {

constexpr double kMost = 99;

double raw(const TermInput& in) noexcept { return in.region.bias; }

double value(const TermInput& in) noexcept {
  return std::isfinite(in.region.bias) ? std::clamp(in.region.bias, -kMost, kMost) / 100 : 0;
}

double raw_for(const TermInput&, double value) noexcept {
  const double bias = value * 100;
  return std::abs(bias) <= kMost ? bias : kUnknown;
}

void assume(Region& region, RegionState&, const RequestFacts&, double bias) noexcept { region.bias = bias; }

}  // namespace

const TermType bias_term = {
    .name = "bias",
    .unit = "",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
};

}  // namespace rhumb::decision
