// SPDX-License-Identifier: Apache-2.0
// A decision for people: every candidate's terms, what removed it, the winner, the runner-up and what would have to
// change for the runner-up to win. Allocates; not for the hot path.
#pragma once
#include <string>
#include <string_view>

#include "decision/decide.h"

namespace rhumb::decision {

struct ExplainInput {
  const Policy& policy;
  const RegionStates& states;
  const RequestFacts& facts;
  const Decision& decision;
  std::string_view route, host, path;  // may be empty
  std::string_view tenant = {};        // empty: none
  std::string_view denied_by = {};     // a filter that would have answered before any decision; empty: none
  int denied_status = 0;               // of its answer
};
std::string explain_text(const ExplainInput& input);
std::string explain_json(const ExplainInput& input);

}  // namespace rhumb::decision
