// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_admin.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/wall_text.h"
#include "proxy/admin_client.h"
#include "proxy/event_reader.h"
#include "proxy/tables.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

using nlohmann::json;

constexpr auto kSecond = std::chrono::seconds(1);
constexpr const char* kClear = "\x1b[H\x1b[2J";

/// One gateway, asked again and again. What goes wrong is told on standard error.
class Asking {
 public:
  explicit Asking(const AskedGateway& gateway) : target_(find_gateway(gateway.admin, gateway.token_file)) {
    if (!target_) complain(target_.error() + "\n");
  }
  bool ok() const { return target_.has_value(); }
  const std::string& address() const { return target_->address; }

  /// The body of a good answer.
  std::optional<std::string> ask(std::string_view method, const std::string& path, const std::string& body = {}) const {
    if (!ok()) return std::nullopt;
    auto answer = AdminClient(*target_).request(method, path, body);
    if (good(answer)) return std::move(answer->body);
    return std::nullopt;
  }
  std::optional<json> ask_json(const std::string& path) const {
    const auto body = ask("GET", path);
    return body ? std::optional(json::parse(*body)) : std::nullopt;
  }
  void follow(const std::string& path, const std::function<bool(std::string_view)>& line) const {
    (void)good(AdminClient(*target_).follow(path, line));
  }

 private:
  static bool good(const base::Result<AdminAnswer, std::string>& answer) {
    if (answer && answer->ok()) return true;
    complain((answer ? refusal_text(*answer) : answer.error()) + "\n");
    return false;
  }
  base::Result<AdminTarget, std::string> target_;
};

void print_event(const std::string& data, bool as_json) {
  print(as_json ? data + "\n" : event_text(json::parse(data)));
}

void tell_gap(const json& gap) {
  if (gap.value("restarted", false)) complain("the gateway was started anew: its events begin again\n");
  if (const uint64_t missed = gap.value("missed", uint64_t{0}); missed != 0)
    complain(fmt::format("{} events are not kept any more\n", missed));
}

int show_kept(const Asking& gateway, uint64_t after, bool as_json) {
  for (;;) {
    const auto page = gateway.ask_json(fmt::format("/v1/events?format=json&limit=1000&after={}", after));
    if (!page) return kFailure;
    tell_gap(*page);
    for (const json& event : page->at("events")) print_event(event.dump(), as_json);
    after = page->at("next");
    if (after == page->at("last")) return kOk;
  }
}

/// Where a stream goes on: behind an event. Its number alone may be one of another process.
struct Place {
  uint64_t seq = 0;
  json event;  // null: not known
};

std::optional<json> one_event(const Asking& gateway, uint64_t after) {
  return gateway.ask_json(fmt::format("/v1/events?format=json&limit=1&after={}", after));
}

/// Behind the last event so far.
std::optional<Place> last_place(const Asking& gateway) {
  auto page = one_event(gateway, 0);
  if (!page) return std::nullopt;
  const uint64_t last = page->at("last");
  if (last > 1) page = one_event(gateway, last - 1);
  if (!page) return std::nullopt;
  const json& there = page->at("events");
  return there.empty() ? Place{} : Place{there[0].at("seq"), there[0]};
}

/// A place in the life of an earlier process becomes the beginning of this one. False: nobody can be asked.
bool find_again(const Asking& gateway, Place& place) {
  if (place.event.is_null()) return true;
  const auto page = one_event(gateway, place.seq - 1);
  if (!page) return false;
  const json& there = page->at("events");
  const bool older = !there.empty() && there[0].at("seq") > place.seq;  // not kept any more
  if (older || (!there.empty() && there[0] == place.event)) return true;
  tell_gap({{"restarted", true}});
  place = {};
  return true;
}

/// False: there was no stream; it was said why.
bool follow_from(const Asking& gateway, Place& place, bool as_json) {
  EventReader reader;
  bool begun = false;
  gateway.follow(fmt::format("/v1/events?after={}", place.seq), [&](std::string_view line) {
    if (!std::exchange(begun, true)) complain(gateway.address() + ": following\n");
    const auto event = reader.take(line);
    if (!event) return true;
    if (event->kind == "gap") return tell_gap(json::parse(event->data)), true;
    place.event = json::parse(event->data), place.seq = place.event.at("seq");
    print_event(event->data, as_json);
    return true;
  });
  return begun;
}

/// Until it is interrupted; a gateway that was there once may go and come back. A stream that broke off goes on behind
/// what was told last, also when that was nothing yet.
int follow(const Asking& gateway, const EventsQuestion& question) {
  auto place = question.after ? Place{*question.after, nullptr} : last_place(gateway);
  if (!place || !follow_from(gateway, *place, question.json)) return kFailure;
  for (;;) {
    std::this_thread::sleep_for(kSecond);
    if (find_again(gateway, *place)) follow_from(gateway, *place, question.json);
  }
}

std::optional<TopSample> sample(const Asking& gateway) {
  const auto metrics = gateway.ask("GET", "/metrics");
  const auto regions = metrics ? gateway.ask_json("/v1/regions") : std::nullopt;
  if (!regions) return std::nullopt;
  return TopSample{base::SystemClock().now(), metric_sums(*metrics), std::make_shared<const json>(*regions)};
}

std::string screen_text(const std::string& address, const TopSample& before, const TopSample& now, bool clear,
                        bool once) {
  return (clear ? kClear : "") + fmt::format("{}  {}\n", address, base::wall_text(base::SystemClock().wall())) +
         top_text(before, now) + (clear || once ? "" : "\n");
}

std::string json_line(const TopSample& before, const TopSample& now) {
  json figures = top_figures(before, now);
  figures["time"] = base::wall_text(base::SystemClock().wall());
  return figures.dump() + "\n";
}

std::string body_of(const RegionChange& change) {
  json body = {{"ttl", change.ttl}};
  if (!change.reason.empty()) body["reason"] = change.reason;
  if (!change.endpoint.empty()) body["endpoint"] = change.endpoint;
  if (change.setting == "health") body["healthy"] = change.value == "up";
  if (change.setting == "dial") body["dial"] = change.value;
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

int show_regions(const AskedGateway& gateway, bool as_json) {
  const auto answer = Asking(gateway).ask("GET", "/v1/regions");
  if (!answer) return kFailure;
  print(as_json ? *answer : regions_text(json::parse(*answer)));
  return kOk;
}

int change_region(const AskedGateway& gateway, const RegionChange& change, bool as_json) {
  std::string path = fmt::format("/v1/regions/{}/{}", escape_segment(change.region), change.setting);
  if (change.take_back && !change.endpoint.empty()) path += "?endpoint=" + escape_query(change.endpoint);
  const Asking asking(gateway);
  const auto answer = change.take_back ? asking.ask("DELETE", path)
                                       : asking.ask(change.setting == "drain" ? "POST" : "PUT", path, body_of(change));
  if (!answer) return kFailure;
  print(as_json ? *answer : region_change_text(json::parse(*answer)));
  return kOk;
}

int show_events(const AskedGateway& gateway, const EventsQuestion& question) {
  const Asking asking(gateway);
  if (!asking.ok()) return kFailure;
  return question.follow ? follow(asking, question) : show_kept(asking, question.after.value_or(0), question.json);
}

int show_top(const AskedGateway& gateway, bool once, bool as_json) {
  const Asking asking(gateway);
  const bool screen = !once && !as_json && ::isatty(STDOUT_FILENO) != 0;
  auto before = sample(asking);
  if (!before) return kFailure;
  for (;;) {
    std::this_thread::sleep_for(kSecond);
    auto now = sample(asking);
    if (!now && once) return kFailure;
    if (!now) continue;  // it was told; the next second may be better
    print(as_json ? json_line(*before, *now) : screen_text(asking.address(), *before, *now, screen, once));
    if (once) return kOk;
    before = std::move(now);
  }
}

int healthcheck(const AskedGateway& gateway, bool as_json) {
  const auto target = find_gateway(gateway.admin, gateway.token_file);
  if (!target) return fail(target.error());
  const auto answer = AdminClient(*target).request("GET", "/readyz");
  const bool ready = answer && answer->ok();
  const std::string reason = ready ? "" : answer ? refusal_text(*answer) : answer.error();
  if (as_json)
    print(json({{"live", answer.has_value()}, {"ready", ready}, {"reason", reason}}).dump() + "\n");
  else
    ready ? print(answer->body) : complain(reason + "\n");
  return ready ? kOk : kFailure;
}

}  // namespace rhumb::proxy
