// SPDX-License-Identifier: Apache-2.0
#include "decision/region.h"

namespace rhumb::decision {

RegionStates unmeasured(const Regions& regions) {
  RegionStates states;
  for (const Region& region : regions) states.of.emplace_back().dial = static_cast<float>(region.dial);
  return states;
}

}  // namespace rhumb::decision
