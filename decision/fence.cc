// SPDX-License-Identifier: Apache-2.0
#include "decision/fence.h"

#include <algorithm>

#include "base/check.h"

namespace rhumb::decision {
namespace {

using Rule = std::pair<geo::Country, uint64_t>;

bool before(const Rule& a, const Rule& b) noexcept { return a.first.code < b.first.code; }

}  // namespace

Fence::Fence(size_t regions, std::vector<Rule> rules) {
  RHUMB_ASSERT(regions <= kMaxRegions);
  all_ = regions == kMaxRegions ? ~uint64_t{0} : (uint64_t{1} << regions) - 1;
  std::stable_sort(rules.begin(), rules.end(), before);
  for (const Rule& rule : rules) {
    if (!rule.first.known()) continue;
    if (!rules_.empty() && rules_.back().first == rule.first) {
      rules_.back().second &= rule.second;
    } else {
      rules_.push_back(rule);
    }
  }
}

CandidateSet Fence::candidates(const RequestFacts& facts) const noexcept {
  const geo::Country country = facts.where.country;
  if (rules_.empty() || !country.known()) return CandidateSet(all_);
  const auto rule = std::lower_bound(rules_.begin(), rules_.end(), Rule{country, 0}, before);
  if (rule == rules_.end() || rule->first != country) return CandidateSet(all_);
  return CandidateSet(all_ & rule->second);
}

}  // namespace rhumb::decision
