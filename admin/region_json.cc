// SPDX-License-Identifier: Apache-2.0
#include "admin/region_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "base/wall_text.h"
#include "config/json_writer.h"

namespace rhumb::admin {
namespace {

using nlohmann::json;

/// 0.3 and not 0.30000001192092896.
double share(float value) { return std::round(double{value} * 1e6) / 1e6; }

}  // namespace

json override_json(const upstream::Override& o) {
  json out = {
      {"kind", upstream::name(o.kind)},    {"effect", upstream::effect(o)},    {"owner", o.owner}, {"reason", o.reason},
      {"since", base::wall_text(o.since)}, {"until", base::wall_text(o.until)}};
  if (!o.endpoint.empty()) out["endpoint"] = o.endpoint;
  if (o.kind == upstream::OverrideKind::health) out["healthy"] = o.healthy;
  if (o.kind == upstream::OverrideKind::dial) out["dial"] = o.dial;
  return out;
}

json endpoint_json(const upstream::RegionReport& region, const upstream::EndpointReport& e, size_t index) {
  return {{"address", e.address},
          {"healthy", e.healthy},
          {"inUse", index < 64 && (region.state.endpoints_up >> index & 1) != 0},
          {"consecutiveFailures", e.failures},
          {"consecutiveSuccesses", e.successes},
          {"lastCheck", base::in_seconds(e.last_check.time_since_epoch())},
          {"latencyMs", base::in_millis(e.latency)},
          {"error", e.error}};
}

json region_json(const upstream::RegionReport& region) {
  return {{"name", region.name},
          {"healthy", region.state.healthy},
          {"measuredHealthy", region.measured_healthy},
          {"draining", region.state.draining},
          {"dial", share(region.state.dial)},
          {"configuredDial", region.configured_dial},
          {"since", base::wall_text(region.since)},
          {"wentUp", region.went_up},
          {"wentDown", region.went_down},
          {"latencyMs", base::in_millis(region.state.rtt)},
          {"inFlight", region.state.in_flight},
          {"errorRatio", share(region.state.error_rate)},
          {"requests", region.requests},
          {"errors", region.errors},
          {"worstDetectionSeconds", base::in_seconds(region.worst_detection)}};
}

namespace {

/// Where it is: at item `at_` of a list of the region that is open.
class RegionsSource final : public BodySource {
 public:
  RegionsSource(const upstream::Board& board, std::vector<std::string> names, bool list, RegionMembers members,
                RegionLists lists)
      : board_(board), names_(std::move(names)), members_(std::move(members)), list_(list), lists_(lists) {
    if (list_) out_.open('[');
  }

  State next(std::string& to) override {
    constexpr size_t kPiece = 16 * 1024;  // of which every endpoint costs a dozen allocations
    while (to.size() < kPiece) {
      const bool more = step();
      out_.move_to(to);
      if (!more) return to += "\n", State::done;
    }
    return State::more;
  }

 private:
  enum class At : uint8_t { start, overrides, endpoints };
  static constexpr size_t kSome = 32;

  bool step() {
    if (name_ == names_.size()) {
      if (list_) out_.close();
      return false;
    }
    const auto index = board_.find(names_[name_]);
    if (!index && within_ == At::start) {
      if (!list_) out_.raw("null");
      return ++name_, true;
    }
    const upstream::RegionReport region =
        index ? board_.report_of(*index, at_, within_ == At::endpoints ? kSome : 0) : upstream::RegionReport();
    switch (within_) {
      case At::start:
        begin(region);
        break;
      case At::overrides:
        some(region.overrides.size(), at_, At::endpoints, "endpoints", lists_.endpoints,
             [&](size_t i) { out_.raw(text(override_json(region.overrides[i]))); });
        break;
      case At::endpoints:
        some(region.endpoints.size(), 0, At::start, "", false,
             [&](size_t i) { out_.raw(text(endpoint_json(region, region.endpoints[i], at_ + i))); });
        break;
    }
    return true;
  }

  void begin(const upstream::RegionReport& region) {
    out_.open('{');
    const json members = members_(region);
    for (const auto& [key, value] : members.items()) out_.key(key), out_.raw(text(value));
    if (lists_.overrides) return enter(At::overrides, "overrides");
    lists_.endpoints ? enter(At::endpoints, "endpoints") : leave();
  }
  void enter(At where, std::string_view key) {
    out_.key(key);
    out_.open('[');
    within_ = where;
    at_ = 0;
  }
  void leave() {
    out_.close();
    within_ = At::start;
    ++name_;
  }
  /// Some of the items behind `from`; at the end of them into the next list, or out of the region.
  template <class Write>
  void some(size_t count, size_t from, At then, std::string_view key, bool enters, Write write) {
    size_t written = 0;
    for (; written < kSome && from + written < count; ++written) write(from + written);
    if (written == kSome) return void(at_ += kSome);
    out_.close();
    enters ? enter(then, key) : leave();
  }
  static std::string text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

  const upstream::Board& board_;
  std::vector<std::string> names_;
  RegionMembers members_;
  bool list_;
  RegionLists lists_;
  config::JsonWriter out_;
  size_t name_ = 0, at_ = 0;
  At within_ = At::start;
};

}  // namespace

std::unique_ptr<BodySource> regions_source(const upstream::Board& board, std::vector<std::string> names, bool list,
                                           RegionMembers members, RegionLists lists) {
  return std::make_unique<RegionsSource>(board, std::move(names), list, std::move(members), lists);
}

}  // namespace rhumb::admin
