// SPDX-License-Identifier: Apache-2.0
#include "upstream/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/wall_text.h"

namespace rhumb::upstream {

std::string_view name(OverrideKind kind) noexcept {
  static constexpr std::array<std::string_view, static_cast<size_t>(OverrideKind::kCount)> kNames = {"health", "dial",
                                                                                                     "drain"};
  static_assert(!kNames.back().empty());
  RHUMB_ASSERT(kind < OverrideKind::kCount);
  return kNames[static_cast<size_t>(kind)];
}

std::string_view name(Overrides::Change change) noexcept {
  switch (change) {
    case Overrides::Change::set:
      return "set";
    case Overrides::Change::taken_back:
      return "taken_back";
    case Overrides::Change::expired:
      return "expired";
    case Overrides::Change::region_gone:
      return "region_gone";
  }
  return {};
}

std::string effect(const Override& o) {
  switch (o.kind) {
    case OverrideKind::health:
      return o.healthy ? "healthy" : "unhealthy";
    case OverrideKind::dial:
      return fmt::format("dial {:.6g}%", o.dial * 100);
    default:
      return "draining";
  }
}

std::string describe(const Override& o) {
  std::string out = o.endpoint.empty() ? effect(o) : fmt::format("{} {}", o.endpoint, effect(o));
  out += fmt::format(" by {} until {}", o.owner, base::wall_text(o.until));
  if (!o.reason.empty()) out += ": " + o.reason;
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

Overrides::Overrides(net::Loop& loop, Changed changed)
    : loop_(loop),
      changed_(std::move(changed)),
      timer_([](void* self) noexcept { static_cast<Overrides*>(self)->expire(); }, this) {}

bool Overrides::set(Override o, base::Micros ttl) {
  RHUMB_ASSERT(ttl >= kShortest && ttl <= kLongest && o.kind < OverrideKind::kCount);
  if (o.since == base::WallTime{}) o.since = loop_.wall();
  o.until = loop_.wall() + ttl;
  auto same = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
    return e.is.kind == o.kind && e.is.region == o.region && e.is.endpoint == o.endpoint;
  });
  if (same == entries_.end()) {
    if (entries_.size() == kMost) return false;
    same = entries_.insert(entries_.end(), Entry{});
  }
  *same = {std::move(o), loop_.now() + ttl};
  arm();
  const Override now = same->is;  // the callback may change the list
  changed_(now, Change::set, now.owner);
  return true;
}

bool Overrides::take_back(OverrideKind kind, std::string_view region, std::string_view endpoint,
                          const std::string& by) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Override& o = entries_[i].is;
    if (o.kind != kind || o.region != region || o.endpoint != endpoint) continue;
    end(i, Change::taken_back, by);
    return true;
  }
  return false;
}

const Override* Overrides::find(OverrideKind kind, std::string_view region, std::string_view endpoint) const noexcept {
  for (const Entry& e : entries_)
    if (e.is.kind == kind && e.is.region == region && e.is.endpoint == endpoint) return &e.is;
  return nullptr;
}

std::vector<const Override*> Overrides::of(std::string_view region) const {
  std::vector<const Override*> out;
  for (const Entry& e : entries_)
    if (e.is.region == region) out.push_back(&e.is);
  return out;
}

void Overrides::keep(const std::function<bool(const Override&)>& there, const std::string& by) {
  for (size_t i = entries_.size(); i-- > 0;)
    if (!there(entries_[i].is)) end(i, Change::region_gone, by);
}

void Overrides::apply(std::string_view region, const std::vector<std::string>& endpoints,
                      decision::RegionState& state) const {
  const uint64_t all = endpoints.size() >= 64 ? ~uint64_t{0} : (uint64_t{1} << endpoints.size()) - 1;
  state.endpoints_left = all;
  for (const Entry& e : entries_) {
    if (e.is.region != region || e.is.kind != OverrideKind::health || e.is.endpoint.empty()) continue;
    const auto at =
        static_cast<size_t>(std::find(endpoints.begin(), endpoints.end(), e.is.endpoint) - endpoints.begin());
    if (at >= 64 || (all >> at & 1) == 0) continue;
    const uint64_t bit = uint64_t{1} << at;
    e.is.healthy ? state.endpoints_up |= bit : state.endpoints_up &= ~bit;
    if (!e.is.healthy) state.endpoints_left &= ~bit;
  }
  if (const Override* whole = find(OverrideKind::health, region)) {
    if (!whole->healthy) {
      state.endpoints_up = state.endpoints_left = 0;
    } else if (state.endpoints_up == 0) {
      state.endpoints_up = all;
    }
  }
  state.healthy = state.endpoints_up != 0;
  if (const Override* dial = find(OverrideKind::dial, region)) state.dial = static_cast<float>(dial->dial);
  if (find(OverrideKind::drain, region) != nullptr) state.draining = true;
}

std::string Overrides::note(std::string_view region) const {
  std::string out;
  for (const Entry& e : entries_)
    if (e.is.region == region) out += (out.empty() ? "override " : "; override ") + describe(e.is);
  return out;
}

void Overrides::end(size_t index, Change why, const std::string& by) {
  const Override ended = std::move(entries_[index].is);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  arm();
  changed_(ended, why, by);
}

void Overrides::arm() {
  if (entries_.empty()) return loop_.timers().cancel(timer_);
  const auto first =
      std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.due < b.due; });
  loop_.timers().arm(timer_, first->due);
}

void Overrides::expire() {
  for (;;) {
    const auto over =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.due <= loop_.now(); });
    if (over == entries_.end()) break;
    end(static_cast<size_t>(over - entries_.begin()), Change::expired, {});
  }
  arm();
}

}  // namespace rhumb::upstream
