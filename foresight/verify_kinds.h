// SPDX-License-Identifier: Apache-2.0
// Kinds of clients: cells of the world that decide alike. Two places are one kind when they prefer the same regions in
// the same order, as far as failures can make them go. Made once for a proof; values.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "decision/policies.h"
#include "foresight/verify_places.h"

namespace rhumb::foresight {

struct Kind {
  decision::RequestFacts facts;  // of the place that stands for all; no tenant
  geo::Country country;          // not known: any that no rule and no table names, or none
  uint64_t allowed = 0;          // what fence and route leave, a bit each
  size_t route = 0;              // whose policy stands for all
  size_t who = 0;                // index in Kinds::who
};

struct Kinds {
  using Who = std::vector<std::pair<uint32_t, uint32_t>>;  // route and tenant
  std::vector<std::string> tenants;                        // the first is empty: requests that have none
  std::vector<Who> who;
  std::vector<Kind> all;  // in the order of routes, tenants, countries and places
  size_t places = 0;
};

/// With at most `down` regions down at once; `spec` is what `policies` were compiled from, `rules` may name more
/// countries and tenants.
Kinds kinds_of(const config::Spec& spec, const std::vector<config::AssertSpec>& rules,
               const decision::Policies& policies, unsigned down);

}  // namespace rhumb::foresight
