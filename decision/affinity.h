// SPDX-License-Identifier: Apache-2.0
// Can a client's preference be honoured? The token was read elsewhere; here it meets fence, route and states. Pure; any
// thread.
#pragma once
#include "decision/candidate_set.h"
#include "decision/facts.h"
#include "decision/region.h"

namespace rhumb::decision {

/// `kept` when the preferred region may be and can be used, else why not. `fenced` is what the fence allows, `routed`
/// what of it the route serves; a region that the route does not serve is region_gone. A verdict other than kept is
/// passed on as it is. In `panic` a region that looks down can be used. Whether the preferred endpoint is there is for
/// the region's balancer to say.
Affinity judge(const RequestFacts& facts, const Regions& regions, const RegionStates& states,
               const CandidateSet& fenced, const CandidateSet& routed, bool panic) noexcept;

}  // namespace rhumb::decision
