// SPDX-License-Identifier: Apache-2.0
#include "admin/override_state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rhumb::admin {
namespace {

using nlohmann::json;
using upstream::Override;
using upstream::OverrideKind;
using upstream::Overrides;

bool restore(const json& from, upstream::Board& board) {
  Override o;
  const auto kind = from.at("kind").get<unsigned>();
  if (kind >= static_cast<unsigned>(OverrideKind::kCount)) return false;
  o.kind = static_cast<OverrideKind>(kind);
  from.at("region").get_to(o.region);
  from.at("endpoint").get_to(o.endpoint);
  from.at("healthy").get_to(o.healthy);
  o.dial = std::clamp(from.at("dial").get<double>(), 0.0, 1.0);
  from.at("owner").get_to(o.owner);
  from.at("reason").get_to(o.reason);
  o.since = base::WallTime(base::Micros(from.at("since").get<int64_t>()));
  const base::Micros left(from.at("left").get<int64_t>());
  if (!board.find(o.region)) return false;
  return board.overrides().set(std::move(o), std::clamp(left, Overrides::kShortest, Overrides::kLongest));
}

}  // namespace

std::string saved_overrides(const Overrides& overrides) {
  json all = json::array();
  overrides.for_each([&](const Override& o, base::Micros left) {
    all.push_back({{"kind", static_cast<unsigned>(o.kind)},
                   {"region", o.region},
                   {"endpoint", o.endpoint},
                   {"healthy", o.healthy},
                   {"dial", o.dial},
                   {"owner", o.owner},
                   {"reason", o.reason},
                   {"since", o.since.time_since_epoch().count()},
                   {"left", left.count()}});
  });
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

size_t restore_overrides(std::string_view saved, upstream::Board& board) {
  const json all = json::parse(saved, nullptr, false);
  if (!all.is_array()) return 0;
  size_t count = 0;
  for (const json& one : all) {
    // Another version may have written it.
    try {
      count += restore(one, board) ? 1 : 0;
    } catch (const json::exception&) {
    }
  }
  return count;
}

}  // namespace rhumb::admin
