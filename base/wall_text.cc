// SPDX-License-Identifier: Apache-2.0
#include "base/wall_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace rhumb::base {
namespace {

using std::chrono::sys_days, std::chrono::year;

constexpr WallTime kFirst = sys_days(year(0) / 1 / 1);
constexpr WallTime kLast = sys_days(year(10000) / 1 / 1) - Micros(1);

std::string to_the_second(std::chrono::sys_seconds at) {
  const time_t seconds = at.time_since_epoch().count();
  tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

std::string wall_text(WallTime at) {
  return to_the_second(std::chrono::floor<std::chrono::seconds>(std::clamp(at, kFirst, kLast))) + "Z";
}

std::string wall_text_millis(WallTime at) {
  at = std::clamp(at, kFirst, kLast);
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{}.{:03}Z", to_the_second(second), (at - second) / Millis(1));
}

}  // namespace rhumb::base
