// SPDX-License-Identifier: Apache-2.0
// Proofs: every rule of `assert` against every set of regions that may be down, every kind of client, and every way the
// draw of a decision can fall. Pure; allocates; any thread. docs/foresight.md says what is exact and what is sampled.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/spec.h"
#include "decision/decide.h"

namespace rhumb::foresight {

/// A decision that breaks a rule; with the fewest regions down, then the first client in a fixed order.
struct Refutation {
  uint64_t down = 0;  // regions, a bit each
  std::string route{}, tenant{};
  decision::Policy policy{};
  decision::RegionStates states{};  // with those regions down
  decision::RequestFacts facts{};
  uint64_t draw = 0;
  std::string expected{}, found{};  // for people
};

struct RuleResult {
  config::AssertSpec rule;
  size_t kinds = 0;  // of clients that it is about; of a rule about loads, parts of its requests
  std::optional<Refutation> refutation{};
};

struct Verified {
  std::vector<std::string> regions{};
  size_t failures = 0;  // sets of regions down, the empty one among them
  size_t places = 0;
  size_t kinds = 0;  // of clients that decide alike
  std::vector<RuleResult> rules{};

  bool holds() const noexcept;
};

/// What is checked of a file without rules: somebody serves, with up to three regions down.
config::AssertSpec default_rule(size_t regions);

/// Of a spec that was loaded without errors and has at most kMaxRegions regions.
Verified verify(const config::Spec& spec);

}  // namespace rhumb::foresight
