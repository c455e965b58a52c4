// SPDX-License-Identifier: Apache-2.0
// What an operator has set for regions by hand, each with an owner, a reason and an end: an override that nobody takes
// back ends by itself. Owned by the board, which publishes anew whenever something here changes. Control thread.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "decision/region.h"
#include "net/loop.h"

namespace rhumb::upstream {

enum class OverrideKind : uint8_t { health, dial, drain, kCount };
std::string_view name(OverrideKind kind) noexcept;

struct Override {
  OverrideKind kind = OverrideKind::health;
  std::string region;
  std::string endpoint;       // with health: of this endpoint alone; empty: the whole region
  bool healthy = true;        // with health
  double dial = 1;            // with dial: 0..1
  std::string owner, reason;  // for people
  base::WallTime since{}, until{};
};
/// "unhealthy", "dial 25%", "draining".
std::string effect(const Override& o);
/// "unhealthy by uid 0 until 2026-01-02T03:04:05Z: reason", without control characters.
std::string describe(const Override& o);

class Overrides {
 public:
  static constexpr base::Micros kShortest = base::Seconds(1), kLongest = base::Seconds(30 * 86400);
  static constexpr size_t kMost = 1024;

  enum class Change : uint8_t { set, taken_back, expired, region_gone };
  /// Called after each change, with the override it was about and who changed it; empty: nobody, its time was over.
  using Changed = std::function<void(const Override&, Change, const std::string& by)>;
  Overrides(net::Loop& loop, Changed changed);
  ~Overrides() { loop_.timers().remove(timer_); }
  Overrides(const Overrides&) = delete;

  /// Replaces the one of the same kind, region and endpoint. `until` is set here, and so is `since` unless it is
  /// known. False: there are too many. `ttl` must be within kShortest and kLongest.
  bool set(Override o, base::Micros ttl);
  /// False: there was none. `by`: who does it.
  bool take_back(OverrideKind kind, std::string_view region, std::string_view endpoint = {},
                 const std::string& by = {});
  /// Null: none. Valid until the next change.
  const Override* find(OverrideKind kind, std::string_view region, std::string_view endpoint = {}) const noexcept;
  std::vector<const Override*> of(std::string_view region) const;
  /// Visits (override, the time it has left).
  template <class F>
  void for_each(F&& f) const {
    for (const Entry& e : entries_) f(e.is, e.due - loop_.now());
  }
  /// Ends those of regions and endpoints for which `there` is false. `by`: who took them away.
  void keep(const std::function<bool(const Override&)>& there, const std::string& by);

  /// What was measured becomes what is in force; endpoints_left is set anew. `endpoints`: addresses by their bit in
  /// endpoints_up.
  void apply(std::string_view region, const std::vector<std::string>& endpoints, decision::RegionState& state) const;
  /// All of the region's in one line for people; empty without any.
  std::string note(std::string_view region) const;

 private:
  struct Entry {
    Override is;
    base::Instant due;
  };
  void end(size_t index, Change why, const std::string& by);
  void arm();
  void expire();

  net::Loop& loop_;
  Changed changed_;
  std::vector<Entry> entries_;
  net::Timer timer_;
};
std::string_view name(Overrides::Change change) noexcept;

}  // namespace rhumb::upstream
