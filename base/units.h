// SPDX-License-Identifier: Apache-2.0
// The only parser of units: "250ms", "64KiB", "10r/s", "1500km". Units are demanded; a bare number is refused with a
// hint. And durations as the plain numbers that other programs read. Pure; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace rhumb::base {

/// Why a text is not a value of the unit: a sentence fit for a diagnostic ("a duration needs a unit: 5s, 250ms, 1d").
struct UnitError {
  std::string message;
};

/// us ms s m h d, also combined ("1h30m"); "0" alone is refused, "0s" is zero. Negative values are refused.
Result<Micros, UnitError> parse_duration(std::string_view text);
/// B KiB MiB GiB (1024) and KB MB GB (1000).
Result<uint64_t, UnitError> parse_size(std::string_view text);
/// Requests per second: 10r/s, 600r/m.
Result<double, UnitError> parse_rate(std::string_view text);
/// Kilometres: 1500km, 200m.
Result<double, UnitError> parse_distance_km(std::string_view text);
/// A share of one: "2%" is 0.02.
Result<double, UnitError> parse_percent(std::string_view text);

/// Shortest exact form, parseable by the above: 90s is "1m30s", 1500us is "1500us".
std::string format_duration(Micros value);
std::string format_size(uint64_t bytes);

constexpr double in_seconds(Micros time) noexcept { return static_cast<double>(time.count()) / 1e6; }
constexpr double in_millis(Micros time) noexcept { return static_cast<double>(time.count()) / 1e3; }

}  // namespace rhumb::base
