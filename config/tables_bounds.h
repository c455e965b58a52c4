// SPDX-License-Identifier: Apache-2.0
// Units in which the option tables give their bounds: seconds and bytes. Constants; any thread.
#pragma once

namespace rhumb::config::tables {

inline constexpr double kMilli = 0.001, kMinute = 60, kHour = 3600, kDay = 86'400, kYear = 365 * kDay;
inline constexpr double kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

}  // namespace rhumb::config::tables
