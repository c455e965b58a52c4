// SPDX-License-Identifier: Apache-2.0
#include "geo/facts.h"

namespace rhumb::geo {

std::string_view name(Source source) noexcept {
  switch (source) {
    case Source::none:
      return "none";
    case Source::centroid:
      return "centroid";
    case Source::database:
      return "database";
    case Source::overlay:
      return "overlay";
    case Source::header:
      return "header";
  }
  return "none";
}

}  // namespace rhumb::geo
