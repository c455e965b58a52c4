// SPDX-License-Identifier: Apache-2.0
// Which route of a candidate file would take a request of which a recording knows method, host, path and the name of
// the route that took it. Conditions that a recording cannot show (headers, query, cookies, a split) count as met by
// the route of that name and as missed by every other. Control thread and command line.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "decision/route_table.h"
#include "foresight/recording.h"

namespace rhumb::foresight {

class RouteGuess {
 public:
  /// The specs must outlive it, and be of a file that was found good.
  explicit RouteGuess(const std::vector<config::RouteSpec>& routes);

  static constexpr uint32_t kNone = decision::RouteTable::kNone;
  /// Without a target, or with one whose path was cut: by the name alone.
  uint32_t of(std::string_view recorded_route, uint64_t target_id, const KnownTarget* target);

 private:
  uint32_t by_name(std::string_view name) const;
  uint32_t match(std::string_view recorded_route, const KnownTarget& target);
  const decision::RouteTable& table_for(uint32_t named);

  const std::vector<config::RouteSpec>& routes_;
  std::map<std::string, uint32_t, std::less<>> names_;
  std::map<uint32_t, std::shared_ptr<const decision::RouteTable>> tables_;  // by the route whose hidden conditions hold
  std::unordered_map<uint64_t, uint32_t> known_;                            // by target and name
};

}  // namespace rhumb::foresight
