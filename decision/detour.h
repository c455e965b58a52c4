// SPDX-License-Identifier: Apache-2.0
// How far out of its way a request is sent. Pure; any thread.
#pragma once
#include "decision/decide.h"

namespace rhumb::decision {

/// Kilometres by which the chosen region is farther from the client than the nearest configured one, whatever became of
/// that one. Negative: not known, for want of the client's place, the region's, or a winner. No allocation.
double detour_km(const Decision& decision, const Regions& regions, const RequestFacts& facts) noexcept;

}  // namespace rhumb::decision
