// SPDX-License-Identifier: Apache-2.0
#include "admin/registry.h"

namespace rhumb::admin {

Registry::Registry(unsigned workers) {
  for (unsigned i = 0; i < workers; ++i) workers_.push_back(std::make_unique<WorkerCells>());
  const auto unrouted = route("", "");
  for (unsigned i = 0; i < workers; ++i) workers_[i]->unrouted = unrouted[i];
}

std::vector<RouteCells*> Registry::route(std::string_view route, std::string_view region) {
  const std::pair<std::string, std::string> key(route, region);
  if (routes_.size() < kMaxSeries / kSeriesOfAPair || routes_.contains(key)) return cells_of(route, region);
  if (dropped_.size() < kMaxSeries) dropped_.insert(key);
  return cells_of(kOther, kOther);
}

std::vector<RouteCells*> Registry::cells_of(std::string_view route, std::string_view region) {
  auto& cells = routes_[{std::string(route), std::string(region)}];
  if (cells == nullptr) cells = std::make_unique<std::vector<RouteCells>>(workers_.size());
  std::vector<RouteCells*> out;
  for (RouteCells& cell : *cells) out.push_back(&cell);
  return out;
}

ListenerCells& Registry::listener(std::string_view name) {
  return listeners_.try_emplace(std::string(name), connections_, workers_.size()).first->second;
}

}  // namespace rhumb::admin
