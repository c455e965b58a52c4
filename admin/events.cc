// SPDX-License-Identifier: Apache-2.0
#include "admin/events.h"

#include <fmt/format.h>

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

void Events::add(EventKind kind, std::string_view region, std::string_view endpoint, const nlohmann::json& data) {
  std::string text = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMostData) text = R"({"truncated":true})";
  if (kept_.size() == kKept) kept_.pop_front();
  kept_.push_back({++last_, clock_.wall(), kind, std::string(region), std::string(endpoint), std::move(text)});
  watchers_.for_each([](Watcher& watcher) { watcher.on_event(); });
}

void Events::add(EventKind kind) { add(kind, {}, {}, nlohmann::json::object()); }

uint64_t Events::missed_after(uint64_t seq) const noexcept {
  if (kept_.empty()) return 0;
  if (seq > last_) seq = 0;
  const uint64_t first = kept_.front().seq;
  return seq + 1 < first ? first - seq - 1 : 0;
}

const Event* Events::next_after(uint64_t seq) const noexcept {
  if (seq > last_) seq = 0;
  if (kept_.empty() || seq == last_) return nullptr;
  const uint64_t first = kept_.front().seq;
  return &kept_[seq < first ? 0 : static_cast<size_t>(seq + 1 - first)];
}

}  // namespace rhumb::admin
