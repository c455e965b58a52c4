// SPDX-License-Identifier: Apache-2.0
#include "upstream/meters.h"

namespace rhumb::upstream {

std::vector<RegionMeter*> Meters::of(std::string_view region) {
  auto found = regions_.find(region);
  if (found == regions_.end())
    found = regions_.emplace(std::string(region), std::make_unique<std::vector<RegionMeter>>(workers_)).first;
  std::vector<RegionMeter*> meters;
  for (RegionMeter& meter : *found->second) meters.push_back(&meter);
  return meters;
}

}  // namespace rhumb::upstream
