// SPDX-License-Identifier: Apache-2.0
#include "filters/identity.h"

#include <algorithm>

#include "base/bytes.h"

namespace rhumb::filters {
namespace {

constexpr char normal(char c) noexcept { return c == '_' ? '-' : base::to_lower(c); }

/// `wanted` is in normal form.
constexpr bool starts_with(std::string_view name, std::string_view wanted) noexcept {
  if (name.size() < wanted.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i)
    if (normal(name[i]) != wanted[i]) return false;
  return true;
}
constexpr bool equals(std::string_view name, std::string_view wanted) noexcept {
  return name.size() == wanted.size() && starts_with(name, wanted);
}

constexpr std::string_view kPrefixes[] = {"x-forwarded-", "x-geo-", "x-region", "rhumb-"};
constexpr std::string_view kNames[] = {"x-forwarded", "forwarded", "x-real-ip", "x-request-id"};

}  // namespace

IdentityNames::IdentityNames(const config::GeoSpec& geo) {
  for (std::string name : {geo.country_header, geo.latitude_header, geo.longitude_header}) {
    std::transform(name.begin(), name.end(), name.begin(), normal);
    if (!name.empty()) configured_.push_back(std::move(name));
  }
  const auto add = [this](std::string_view name) { letters_ |= uint32_t{1} << (name.front() & 31); };
  std::for_each(std::begin(kPrefixes), std::end(kPrefixes), add);
  std::for_each(std::begin(kNames), std::end(kNames), add);
  std::for_each(configured_.begin(), configured_.end(), add);
  if ((letters_ >> ('-' & 31) & 1) != 0) add("_");  // the same character here
}

bool IdentityNames::compare(std::string_view name) const noexcept {
  for (const std::string_view prefix : kPrefixes)
    if (starts_with(name, prefix)) return true;
  for (const std::string_view fixed : kNames)
    if (equals(name, fixed)) return true;
  for (const std::string& wanted : configured_)
    if (equals(name, wanted)) return true;
  return false;
}

}  // namespace rhumb::filters
