// SPDX-License-Identifier: Apache-2.0
// Names of the fields by which hops tell each other who the client is and where it goes. A client that could set one of
// them would choose its own identity, so they are compared as a CGI behind us would see them: any case, '_' the same as
// '-'. Immutable; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/spec.h"

namespace rhumb::filters {

class IdentityNames {
 public:
  /// The fixed names, and those the geo section believes a CDN in.
  explicit IdentityNames(const config::GeoSpec& geo);
  bool contains(std::string_view name) const noexcept {
    // Most fields end here: none of the names begins with another letter.
    return !name.empty() && (letters_ >> (name.front() & 31) & 1) != 0 && compare(name);
  }

 private:
  bool compare(std::string_view name) const noexcept;

  std::vector<std::string> configured_;  // lower case, '-' only
  uint32_t letters_ = 0;                 // first characters, a bit for the five lowest of theirs
};

}  // namespace rhumb::filters
