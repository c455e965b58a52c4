// SPDX-License-Identifier: Apache-2.0
// CSV text into an MmdbWriter. Columns by a header line: `network` or `first`,`last`; then any of country, continent,
// latitude, longitude, accuracy_km, city, subdivision. `#` begins a comment line; fields may be quoted. The headerless
// `low,high,CC` lines of tor-geoipdb (numbers for IPv4, addresses for IPv6) are known too. Pure; one thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "geo/mmdb_writer.h"

namespace rhumb::geo {

constexpr size_t kMaxCsvErrors = 20;

struct CsvCounts {
  uint64_t rows = 0;     // taken over
  uint64_t skipped = 0;  // of unknown country ("??")
};

/// Errors are appended as "name:line:column: what is wrong" until there are kMaxCsvErrors; wrong rows are left out. The
/// same network twice in one text is an error; in another text, read later into the same writer, it replaces this
/// one's.
CsvCounts read_csv(std::string_view name, std::string_view text, MmdbWriter& to, std::vector<std::string>& errors);

}  // namespace rhumb::geo
