// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "decision/term.h"

namespace rhumb::decision {
namespace {

constexpr double kHalfMs = 100;  // the value is one half here

double raw(const TermInput& in) noexcept {
  return in.state.rtt.count() > 0 ? static_cast<double>(in.state.rtt.count()) / 1000 : kUnknown;
}

double value(const TermInput& in) noexcept {
  return in.state.rtt.count() > 0 ? kHalfMs / (kHalfMs + raw(in)) : kNeutral;
}

double raw_for(const TermInput&, double value) noexcept {
  return value > 0 && value < 1 ? kHalfMs / value - kHalfMs : kUnknown;
}

void assume(Region&, RegionState& state, const RequestFacts&, double ms) noexcept {
  state.rtt = base::Micros(std::max<int64_t>(1, static_cast<int64_t>(std::ceil(ms * 1000 - 1e-6))));
}

}  // namespace

const TermType latency_term = {
    .name = "latency",
    .unit = "ms",
    .raw = raw,
    .value = value,
    .raw_for = raw_for,
    .assume = assume,
    .lower_wins = true,
};

}  // namespace rhumb::decision
