// SPDX-License-Identifier: Apache-2.0
#include "admin/region_events.h"

#include <nlohmann/json.hpp>

#include "admin/region_json.h"
#include "base/log.h"

namespace rhumb::admin {
namespace {

using base::log;
using base::LogLevel;
using Kind = upstream::BoardEvent::Kind;

/// Who brought it about, if anybody did.
nlohmann::json caused(const upstream::BoardEvent& e) {
  nlohmann::json data = nlohmann::json::object();
  if (!e.by.empty()) data["by"] = e.by;
  return data;
}

void tell_of_health(Events& events, const upstream::BoardEvent& e) {
  const bool up = e.kind == Kind::endpoint_up || e.kind == Kind::region_up;
  nlohmann::json data = caused(e);
  if (!e.why.empty()) data["why"] = e.why;
  if (e.endpoint.empty()) {
    log(up ? LogLevel::info : LogLevel::warning, "region {}: is {}", e.region, up ? "up" : "down");
  } else {
    log(up ? LogLevel::info : LogLevel::warning, "region {}: endpoint {} is {}{}{}", e.region, e.endpoint,
        up ? "up" : "down", e.why.empty() ? "" : ": ", e.why);
  }
  const EventKind kind = e.endpoint.empty() ? up ? EventKind::region_up : EventKind::region_down
                         : up               ? EventKind::endpoint_up
                                            : EventKind::endpoint_down;
  events.add(kind, e.region, e.endpoint, data);
}

void tell_of_override(Events& events, const upstream::BoardEvent& e) {
  nlohmann::json data = override_json(*e.about);
  data.update(caused(e));
  if (e.kind == Kind::override_set) {
    log(LogLevel::warning, "region {}: override {}", e.region, upstream::describe(*e.about));
    return events.add(EventKind::override_set, e.region, e.endpoint, data);
  }
  log(LogLevel::warning, "region {}: override ended ({}{}{}): {}", e.region, e.why, e.by.empty() ? "" : " by ", e.by,
      upstream::describe(*e.about));
  data["ended"] = e.why;
  events.add(EventKind::override_ended, e.region, e.endpoint, data);
}

void tell_of_reload(Events& events, const upstream::BoardEvent& e) {
  if (e.kind == Kind::region_added) {
    log(LogLevel::info, "region {}: added", e.region);
    return events.add(EventKind::region_added, e.region, {}, caused(e));
  }
  if (e.kind == Kind::region_left) {
    log(LogLevel::info, "region {}: removed, and its last request has ended", e.region);
    return events.add(EventKind::region_left, e.region, {}, nlohmann::json::object());
  }
  log(LogLevel::warning, "region {}: removed; its {} requests in flight end there, clients bound to it are bound anew",
      e.region, e.in_flight);
  nlohmann::json data = caused(e);
  data["inFlight"] = e.in_flight;
  events.add(EventKind::region_removed, e.region, {}, data);
}

}  // namespace

void tell(Events& events, const upstream::BoardEvent& event) {
  switch (event.kind) {
    case Kind::endpoint_up:
    case Kind::endpoint_down:
    case Kind::region_up:
    case Kind::region_down:
      return tell_of_health(events, event);
    case Kind::override_set:
    case Kind::override_ended:
      return tell_of_override(events, event);
    case Kind::region_added:
    case Kind::region_removed:
    case Kind::region_left:
      return tell_of_reload(events, event);
  }
}

}  // namespace rhumb::admin
