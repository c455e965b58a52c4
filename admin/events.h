// SPDX-License-Identifier: Apache-2.0
// What has happened, for people and programs that watch: the last few thousand events, numbered without holes. Changes,
// the health of regions and denials are kept apart, so that many of one kind push out none of another. A reader who is
// too slow or comes late learns how many it has missed, and where. Control thread.
#pragma once
#include <array>
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
  static constexpr size_t kKept = 2048, kKeptDenials = 256;  // the former of changes and of health each
  static constexpr size_t kMostData = 4096;

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
  /// The first that is still here after `seq`; null: none. What is between the two is not kept any more. A number this
  /// process has not given out yet is one of another process: everything is after it. Valid until the next add().
  const Event* next_after(uint64_t seq) const noexcept;

  void watch(Watcher& watcher) noexcept { watchers_.push_back(watcher); }
  const base::Clock& clock() const noexcept { return clock_; }

 private:
  enum class Kin : uint8_t { change, health, denial, kCount };
  static Kin kin_of(EventKind kind) noexcept;

  const base::Clock& clock_;
  std::array<std::deque<Event>, static_cast<size_t>(Kin::kCount)> kept_;  // each in the order of seq
  uint64_t last_ = 0;
  base::List<Watcher, Watcher> watchers_;
};

}  // namespace rhumb::admin
