// SPDX-License-Identifier: Apache-2.0
// `rhumb explain` and GET /v1/explain: a described request through the same route table, filters' geography and
// decide() as real ones.
#pragma once
#include <string>

#include "base/result.h"
#include "proxy/snapshot.h"

namespace rhumb::proxy {

struct ExplainQuestion {
  std::string ip, host, path, method;
  std::vector<std::pair<std::string, std::string>> headers;
  bool json = false;
};

/// Text or JSON, or what is wrong with the question. `world.states` must fit the configuration.
base::Result<std::string, std::string> explain_request(const World& world, const ExplainQuestion& question);

}  // namespace rhumb::proxy
