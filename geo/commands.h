// SPDX-License-Identifier: Apache-2.0
// What `rhumb geo build` and `rhumb geo lookup` do, without the command line. Blocking; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "geo/facts.h"

namespace rhumb::geo {

struct BuildOptions {
  uint64_t build_epoch = 0;  // seconds since 1970; 0: the newest change of the inputs
  std::string type = "rhumb";
  std::string description;
};

struct BuildSummary {
  uint64_t rows = 0, skipped = 0;
  uint64_t blocks = 0, records = 0, nodes = 0, bytes = 0;
};

/// CSV files (csv.h) into one mmdb, replaced in one step; nothing is written when there is any error. Later files win
/// over earlier ones for equal blocks. Errors: "file:line:column: ...", at most kMaxCsvErrors.
base::Result<BuildSummary, std::vector<std::string>> build(const std::vector<std::string>& csv_paths,
                                                           const std::string& out, const BuildOptions& options = {});

/// "Frankfurt am Main, HE, Germany (DE), 50.11 8.68 within 20 km, from a database"; "unknown".
std::string describe(const Facts& facts);

}  // namespace rhumb::geo
