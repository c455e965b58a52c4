// SPDX-License-Identifier: Apache-2.0
// The rules about many requests at once: max_load and no_oscillation. A crowd of requests in flight, spread over the
// middles of countries, is decided for every set of regions down. Strategies that draw and dials are sampled: each
// place has draws of its own. One thread.
#pragma once
#include "foresight/verify_rules.h"

namespace rhumb::foresight {

class LoadChecker {
 public:
  LoadChecker(const Proof& proof, const config::AssertSpec& rule);
  RuleResult check();

 private:
  /// Requests of one place, route, tenant and draw: they decide alike and move together.
  struct Part {
    decision::RequestFacts facts;
    uint32_t route, tenant;
    uint64_t draw;
    double requests;
  };
  /// Who is where, and how often each part has moved since the count began.
  struct Crowd {
    std::vector<decision::RegionIndex> at;
    std::vector<unsigned> moves;
    std::vector<double> loads;  // by region
  };

  void add_part(const geo::Facts& where, uint32_t route, uint32_t tenant, double requests);
  bool is_about(uint32_t route, uint32_t tenant) const;
  /// Decides for all at once, by the loads as they are. The last part that moved, or the number of parts.
  size_t step(Crowd& crowd, uint64_t down, bool feed_back);
  /// The same until nobody moves. A part that never stops, or the number of parts.
  size_t settle(Crowd& crowd, uint64_t down);
  std::optional<Refutation> overload(uint64_t down);
  std::optional<Refutation> unrest(const Crowd& calm, uint64_t down);
  std::optional<Refutation> search();
  Refutation evidence(size_t part, uint64_t down, const Crowd* fed_back);
  Crowd fresh() const;
  std::string at(const Crowd& crowd, size_t part) const;

  const Proof& proof_;
  const config::AssertSpec& rule_;
  size_t draws_ = 1;  // of a place
  std::vector<Part> parts_;
  Decider decider_;
};

}  // namespace rhumb::foresight
