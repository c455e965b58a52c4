// SPDX-License-Identifier: Apache-2.0
#include "admin/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/log.h"
#include "base/wall_text.h"

namespace rhumb::admin {

std::string_view name(EventKind kind) noexcept {
  static constexpr std::array<std::string_view, static_cast<size_t>(EventKind::kCount)> kNames = {
      "gateway_started", "drain_begun",  "config_applied", "config_refused", "endpoint_up",
      "endpoint_down",   "region_up",    "region_down",    "region_added",   "region_removed",
      "region_left",     "override_set", "override_ended", "admin_change",   "admin_denied"};
  static_assert(!kNames.back().empty());
  RHUMB_ASSERT(kind < EventKind::kCount);
  return kNames[static_cast<size_t>(kind)];
}

std::string to_json(const Event& event) {
  std::string out = fmt::format("{{\"seq\":{},\"time\":\"{}\",\"kind\":\"{}\"", event.seq,
                                base::wall_text_millis(event.time), name(event.kind));
  if (!event.region.empty()) out += ",\"region\":" + base::json_text(event.region);
  if (!event.endpoint.empty()) out += ",\"endpoint\":" + base::json_text(event.endpoint);
  return out + ",\"data\":" + event.data + "}";
}

Events::Kin Events::kin_of(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::admin_denied:
      return Kin::denial;
    case EventKind::endpoint_up:
    case EventKind::endpoint_down:
    case EventKind::region_up:
    case EventKind::region_down:
      return Kin::health;
    default:
      return Kin::change;
  }
}

void Events::add(EventKind kind, std::string_view region, std::string_view endpoint, const nlohmann::json& data) {
  std::string text = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMostData) text = R"({"truncated":true})";
  const Kin kin = kin_of(kind);
  std::deque<Event>& kept = kept_[static_cast<size_t>(kin)];
  if (kept.size() == (kin == Kin::denial ? kKeptDenials : kKept)) kept.pop_front();
  kept.push_back({++last_, clock_.wall(), kind, std::string(region), std::string(endpoint), std::move(text)});
  watchers_.for_each([](Watcher& watcher) { watcher.on_event(); });
}

void Events::add(EventKind kind) { add(kind, {}, {}, nlohmann::json::object()); }

const Event* Events::next_after(uint64_t seq) const noexcept {
  if (seq > last_) seq = 0;
  const Event* next = nullptr;
  for (const std::deque<Event>& kept : kept_) {
    const auto behind = std::upper_bound(kept.begin(), kept.end(), seq,
                                         [](uint64_t number, const Event& event) { return number < event.seq; });
    if (behind != kept.end() && (next == nullptr || behind->seq < next->seq)) next = &*behind;
  }
  return next;
}

}  // namespace rhumb::admin
