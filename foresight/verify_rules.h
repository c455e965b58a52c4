// SPDX-License-Identifier: Apache-2.0
// The rules about single decisions: stays_in, served, unmoved. Every kind of client, every set of regions down, every
// way a draw can fall. One thread.
#pragma once
#include <unordered_map>

#include "foresight/verify.h"
#include "foresight/verify_failures.h"
#include "foresight/verify_kinds.h"
#include "foresight/verify_ways.h"

namespace rhumb::foresight {

/// What all rules are checked against; a view of what its owner has.
struct Proof {
  const config::Spec& spec;
  const decision::Policies& policies;
  const Kinds& kinds;
  const Failures& failures;
};

class RuleChecker {
 public:
  explicit RuleChecker(const Proof& proof) : proof_(proof) {}
  RuleResult check(const config::AssertSpec& rule);

 private:
  struct Subject;
  struct Winners {
    size_t ways = 0;
    std::vector<decision::RegionIndex> of;  // by set, then by way
  };
  std::vector<Subject> subjects_of(const config::AssertSpec& rule) const;
  std::optional<Refutation> search(const config::AssertSpec& rule, const std::vector<Subject>& subjects);
  std::optional<Refutation> try_sets(const config::AssertSpec& rule, const Subject& subject, unsigned down);
  std::optional<Refutation> try_bound(const config::AssertSpec& rule, const Subject& subject);
  Refutation evidence(const config::AssertSpec& rule, const Subject& subject, uint64_t down, size_t way);
  const Winners& winners_of(const Kind& kind);
  std::vector<Way>& ways_of_kind(const Kind& kind);

  const Proof& proof_;
  std::unordered_map<const Kind*, Winners> winners_;
  std::unordered_map<size_t, std::vector<Way>> ways_;  // by route
  Decider decider_;
};

/// Whether a rule that names these is about that one; a rule that names none is about all.
bool names_it(const std::vector<std::string>& names, const std::string& name);
/// "eu, us"; "none" for nobody.
std::string region_names(const decision::Regions& regions, uint64_t which);
uint64_t region_bits(const decision::Policies& policies, const std::vector<std::string>& names);

}  // namespace rhumb::foresight
