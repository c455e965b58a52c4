// SPDX-License-Identifier: Apache-2.0
// What of a whole configuration decides: its regions, and a policy for each route. What the gateway compiles to serve
// with, and what recordings, plans and proofs are made of. Immutable once made; any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/spec.h"
#include "decision/decide.h"

namespace rhumb::decision {

struct RoutePolicy {
  std::string name;
  Policy policy;
};

struct Policies {
  std::shared_ptr<const Regions> regions;
  std::vector<RoutePolicy> routes;  // in the order of the file, which is that of the route table

  RegionIndex find_region(std::string_view name) const noexcept;  // kNoRegion: there is none
};

/// Of a spec that was loaded without errors and has at most kMaxRegions regions.
Policies compile_policies(const config::Spec& spec);

}  // namespace rhumb::decision
