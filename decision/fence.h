// SPDX-License-Identifier: Apache-2.0
// Who may ever be a candidate: the residency rules. The only maker of CandidateSets. Immutable; any thread.
// A client whose country is not known is under no rule: give such clients a country (an overlay, a trusted header) or a
// geo_acl where that is not enough.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "decision/candidate_set.h"
#include "decision/facts.h"

namespace rhumb::decision {

class Fence {
 public:
  /// For each rule: clients of the country may go only to the regions of the mask. Several rules for one country
  /// intersect.
  explicit Fence(size_t regions, std::vector<std::pair<geo::Country, uint64_t>> rules = {});
  CandidateSet candidates(const RequestFacts& facts) const noexcept;

 private:
  uint64_t all_;
  std::vector<std::pair<geo::Country, uint64_t>> rules_;  // sorted by country
};

}  // namespace rhumb::decision
