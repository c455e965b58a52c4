// SPDX-License-Identifier: Apache-2.0
// `rhumb explain --id`: a decision that was logged, and what it would be now. Blocks. Returns the process's exit code:
// 0 it was found, 1 it was not, or something failed.
#pragma once
#include <string>

#include "proxy/commands_admin.h"
#include "proxy/explain.h"

namespace rhumb::proxy {

struct LoggedQuestion {
  std::string id;
  std::string log;  // a file, "-" for standard input, or empty: where the gateway that is asked writes its own
  bool json = false;
};

/// One JSON document is {"logged": line, "now": GET /v1/explain or null, "same": whether both chose one region, or
/// null}.
int explain_logged(const AskedGateway& gateway, const LoggedQuestion& question);

/// The question as path and query of GET /v1/explain.
std::string explain_target(const ExplainQuestion& question);

}  // namespace rhumb::proxy
