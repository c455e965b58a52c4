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
}

bool IdentityNames::contains(std::string_view name) const noexcept {
  if (name.empty()) return false;
  const char first = normal(name.front());
  // Most fields end here: none of the fixed names begins with another letter.
  if (first == 'x' || first == 'f' || first == 'r') {
    for (const std::string_view prefix : kPrefixes)
      if (starts_with(name, prefix)) return true;
    for (const std::string_view fixed : kNames)
      if (equals(name, fixed)) return true;
  }
  for (const std::string& wanted : configured_)
    if (equals(name, wanted)) return true;
  return false;
}

}  // namespace rhumb::filters
