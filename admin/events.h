// SPDX-License-Identifier: Apache-2.0
// What has happened, for people and programs that watch: the last few thousand events, numbered without holes. A reader
// who is too slow or comes late learns how many it has missed. Control thread.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/intrusive.h"

namespace rhumb::admin {

/// A closed list; names are what subscribers filter by.
enum class EventKind : uint8_t {
  gateway_started,
  drain_begun,
  config_applied,
  config_refused,
  endpoint_up,
  endpoint_down,
  region_up,
  region_down,
  region_added,
  region_removed,
  region_left,
  override_set,
  override_ended,
  admin_change,
  admin_denied,
  kCount
};
std::string_view name(EventKind kind) noexcept;

struct Event {
  uint64_t seq = 0;  // 1, 2, 3, ... of this process
  base::WallTime time{};
  EventKind kind{};
  std::string region, endpoint;  // empty: not about one
  std::string data;              // a JSON object
};
/// The event as one JSON object on one line, without a newline.
std::string to_json(const Event& event);

class Events {
 public:
  static constexpr size_t kKept = 4096, kMostData = 4096;

  /// Who wants to be told of new events, until he unlinks himself.
  struct Watcher : base::ListHook<Watcher> {
    virtual void on_event() noexcept = 0;

   protected:
    ~Watcher() = default;
  };

  explicit Events(const base::Clock& clock) : clock_(clock) {}

  /// `data`: an object; more than kMostData bytes of it are replaced by {"truncated": true}.
  void add(EventKind kind, std::string_view region, std::string_view endpoint, const nlohmann::json& data);
  void add(EventKind kind);

  /// Number of the last event; 0: there was none yet.
  uint64_t last() const noexcept { return last_; }
  /// How many events after `seq` are no longer here. A number this process has not given out yet is one of another
  /// process: everything is after it.
  uint64_t missed_after(uint64_t seq) const noexcept;
  /// The first that is still here after `seq`; null: none. Valid until the next add().
  const Event* next_after(uint64_t seq) const noexcept;

  void watch(Watcher& watcher) noexcept { watchers_.push_back(watcher); }

 private:
  const base::Clock& clock_;
  std::deque<Event> kept_;
  uint64_t last_ = 0;
  base::List<Watcher, Watcher> watchers_;
};

}  // namespace rhumb::admin
