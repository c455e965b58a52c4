// SPDX-License-Identifier: Apache-2.0
#include "decision/fence.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace rhumb::decision {
namespace {

auto key(const FenceRule& rule) noexcept { return std::pair(rule.tenant, rule.country.code); }
bool before(const FenceRule& a, const FenceRule& b) noexcept { return key(a) < key(b); }

}  // namespace

Fence::Fence(size_t regions, std::vector<FenceRule> rules) {
  RHUMB_ASSERT(regions <= kMaxRegions);
  all_ = regions == kMaxRegions ? ~uint64_t{0} : (uint64_t{1} << regions) - 1;
  std::stable_sort(rules.begin(), rules.end(), before);
  for (const FenceRule& rule : rules) {
    if (!rule.country.known() && rule.tenant == 0) continue;
    if (!rules_.empty() && key(rules_.back()) == key(rule)) {
      rules_.back().regions &= rule.regions;
    } else {
      rules_.push_back(rule);
    }
  }
}

bool Fence::names(TenantKey tenant) const noexcept {
  const auto rule = std::lower_bound(rules_.begin(), rules_.end(), FenceRule{{}, tenant, 0}, before);
  return rule != rules_.end() && rule->tenant == tenant;
}

uint64_t Fence::allowed(TenantKey tenant, geo::Country country) const noexcept {
  const FenceRule wanted{country, tenant, 0};
  const auto rule = std::lower_bound(rules_.begin(), rules_.end(), wanted, before);
  return rule != rules_.end() && key(*rule) == key(wanted) ? rule->regions : all_;
}

CandidateSet Fence::candidates(const RequestFacts& facts) const noexcept {
  uint64_t bits = all_;
  if (rules_.empty()) return CandidateSet(bits);
  const geo::Country country = facts.where.country;
  if (country.known()) bits &= allowed(0, country);
  if (facts.tenant != 0) {
    bits &= allowed(facts.tenant, {});
    if (country.known()) bits &= allowed(facts.tenant, country);
  }
  return CandidateSet(bits);
}

}  // namespace rhumb::decision
