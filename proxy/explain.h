// SPDX-License-Identifier: Apache-2.0
// `rhumb explain` and GET /v1/explain: a described request through the same parser, filters, route table and decide()
// as real ones.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "proxy/snapshot.h"

namespace rhumb::proxy {

struct ExplainQuestion {
  std::string ip, host, path, method;
  std::string tenant;  // in place of the one that tenant.key finds; empty: that one
  std::string bound;   // the region of a good token that the client holds; empty: it holds none
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> cookies;  // name=value
  bool json = false;
};

/// Takes "Name: value" apart. False: there is no colon.
bool add_header(ExplainQuestion& question, std::string_view text);

/// Text or JSON, or what is wrong with the question. `world.states` must fit the configuration. The filter `fault` is
/// left out, because it draws. A session's cookie is opened with the configuration's keys, for the question's tenant;
/// `bound` stands in for one. Of a request with more than 64 cookies or parameters, or 256 things in lists, nothing is
/// said.
base::Result<std::string, std::string> explain_request(const World& world, const ExplainQuestion& question);

}  // namespace rhumb::proxy
