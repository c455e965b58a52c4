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

std::vector<Announced*> Meters::announced(std::string_view region, std::string_view field) {
  auto& of = announced_[{std::string(region), std::string(field)}];
  if (of == nullptr) of = std::make_unique<std::vector<Announced>>(workers_);
  std::vector<Announced*> cells;
  for (Announced& cell : *of) cells.push_back(&cell);
  return cells;
}

}  // namespace rhumb::upstream
