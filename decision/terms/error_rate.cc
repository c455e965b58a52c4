// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "decision/term.h"

namespace rhumb::decision {
namespace {

double raw(const TermInput& in) noexcept { return double{in.state.error_rate} * 100; }

double value(const TermInput& in) noexcept { return 1 - std::clamp(double{in.state.error_rate}, 0.0, 1.0); }

double raw_for(const TermInput&, double value) noexcept {
  return value >= 0 && value <= 1 ? (1 - value) * 100 : kUnknown;
}

void assume(Region&, RegionState& state, const RequestFacts&, double percent) noexcept {
  state.error_rate = static_cast<float>(percent / 100);
}

}  // namespace

const TermType error_rate_term = {
    .name = "error_rate",
    .unit = "%",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
    .lower_wins = true,
};

}  // namespace rhumb::decision
