// SPDX-License-Identifier: Apache-2.0
// Who may ever be a candidate: the residency rules. The only maker of CandidateSets. Immutable; any thread.
// A client whose country is not known is under no rule about countries: give such clients a country (an overlay, a
// trusted header) or a geo_acl where that is not enough.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "decision/candidate_set.h"
#include "decision/facts.h"

namespace rhumb::decision {

struct FenceRule {
  geo::Country country;  // not known: clients of any country, or of none
  TenantKey tenant = 0;  // zero: any tenant, or none
  uint64_t regions = 0;  // a bit each: those that alone may serve whom the rule is about
};

class Fence {
 public:
  /// All rules that are about a client hold for it at once.
  explicit Fence(size_t regions, std::vector<FenceRule> rules = {});
  CandidateSet candidates(const RequestFacts& facts) const noexcept;
  /// Whether any rule is about this tenant, which is not zero.
  bool names(TenantKey tenant) const noexcept;
  /// One for each pair of tenant and country; sorted.
  std::span<const FenceRule> rules() const noexcept { return rules_; }

 private:
  uint64_t allowed(TenantKey tenant, geo::Country country) const noexcept;

  uint64_t all_;
  std::vector<FenceRule> rules_;
};

}  // namespace rhumb::decision
