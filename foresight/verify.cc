// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify.h"

#include <algorithm>

#include "foresight/verify_loads.h"
#include "foresight/verify_rules.h"

namespace rhumb::foresight {
namespace {

using Rule = config::AssertSpec::Rule;

bool is_about_loads(const config::AssertSpec& rule) {
  return rule.rule == Rule::max_load || rule.rule == Rule::no_oscillation;
}

}  // namespace

bool Verified::holds() const noexcept {
  return std::none_of(rules.begin(), rules.end(), [](const RuleResult& r) { return r.refutation.has_value(); });
}

config::AssertSpec default_rule(size_t regions) {
  constexpr size_t kMostDown = 3;
  config::AssertSpec rule;
  rule.name = "someone-serves";
  rule.rule = Rule::served;
  rule.down = static_cast<uint32_t>(std::min(regions, kMostDown));
  return rule;
}

Verified verify(const config::Spec& spec) {
  const decision::Policies policies = decision::compile_policies(spec);
  const size_t regions = policies.regions->size();
  const auto rules = spec.asserts.empty() ? std::vector{default_rule(regions)} : spec.asserts;
  unsigned down = 0;
  for (const config::AssertSpec& rule : rules) down = std::max(down, rule.down);
  const Failures failures(regions, down);
  const Kinds kinds = kinds_of(spec, rules, policies, down);
  const Proof proof{spec, policies, kinds, failures};
  Verified verified{.failures = failures.sets().size(), .places = kinds.places, .kinds = kinds.all.size()};
  for (const decision::Region& region : *policies.regions) verified.regions.push_back(region.name);
  RuleChecker decisions(proof);
  for (const config::AssertSpec& rule : rules)
    verified.rules.push_back(is_about_loads(rule) ? LoadChecker(proof, rule).check() : decisions.check(rule));
  return verified;
}

}  // namespace rhumb::foresight
