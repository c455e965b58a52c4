// SPDX-License-Identifier: Apache-2.0
// How a database names its facts. Two ways are known and detected from real records when a file is loaded: MaxMind's
// nested maps (country.iso_code, location.latitude) and the flat ones of DB-IP and IPinfo style sets (country_code,
// latitude). Pure; any thread. Reads validated bytes without allocation.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "geo/facts.h"
#include "geo/mmdb_format.h"

namespace rhumb::geo {

enum class Schema : uint8_t { nested, flat };
std::string_view name(Schema schema) noexcept;

/// Looks at up to kSchemaSample records. The error lists the keys that were seen instead. The layout must be of a file
/// that passed validate_mmdb.
base::Result<Schema, std::string> detect_schema(const MmdbLayout& layout);
constexpr uint32_t kSchemaSample = 4096;

/// Fills point, country, continent, accuracy, city and subdivision from the record at `at`. Codes that are no country's
/// (ZZ, EU) and points that are none (outside the globe, or 0/0, the usual mark of "unknown") are left out.
void decode_record(Schema schema, const MmdbSection& data, uint32_t at, Facts& out) noexcept;

}  // namespace rhumb::geo
