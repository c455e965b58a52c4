// SPDX-License-Identifier: Apache-2.0
#include "decision/strategies/best.h"

namespace rhumb::decision {
namespace {

Pick pick(const PickInput& in, const CandidateSet& candidates) noexcept {
  Pick pick{.reason = Reason::round_robin};
  const uint64_t n = candidates.size(), turn = in.draw % n, next = (turn + 1) % n;
  uint64_t at = 0;
  candidates.for_each([&](RegionIndex r) {
    if (at == turn) pick.winner = r;
    if (at == next && n > 1) pick.runner_up = r;
    ++at;
  });
  return pick;
}

}  // namespace

const StrategyType round_robin_strategy = {
    .name = "round_robin",
    .summary = "One after the other, whatever their weight.",
    .pick = pick,
    .drawn = true,
    .sequential = true,
};

}  // namespace rhumb::decision
