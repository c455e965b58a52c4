// SPDX-License-Identifier: Apache-2.0
#include "admin/audit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/log.h"

namespace rhumb::admin {
namespace {

using nlohmann::json;

constexpr size_t kMostPath = 256;

AuditOutcome outcome_of(int status) noexcept {
  if (status == 0) return AuditOutcome::unanswered;
  if (status == 401 || status == 403) return AuditOutcome::denied;
  if (status >= 500) return AuditOutcome::failed;
  return status >= 400 ? AuditOutcome::refused : AuditOutcome::applied;
}

}  // namespace

std::string_view name(AuditOutcome outcome) noexcept {
  static constexpr std::array<std::string_view, static_cast<size_t>(AuditOutcome::kCount)> kNames = {
      "applied", "denied", "refused", "failed", "unanswered"};
  static_assert(!kNames.back().empty());
  RHUMB_ASSERT(outcome < AuditOutcome::kCount);
  return kNames[static_cast<size_t>(outcome)];
}

void Audit::tell(const AuditEntry& entry) {
  const AuditOutcome outcome = outcome_of(entry.status);
  ++counts_[static_cast<size_t>(outcome)];
  const bool denial = outcome == AuditOutcome::denied || (outcome == AuditOutcome::refused && !entry.may_change);
  if (denial && !may_tell_denial(entry.peer)) return;
  json data = {{"who", entry.who},
               {"method", entry.method},
               {"path", entry.path.substr(0, kMostPath)},
               {"outcome", name(outcome)}};
  if (entry.status != 0) data["status"] = entry.status;
  if (const json change = json::parse(entry.change, nullptr, false); change.is_object()) data.update(change);
  write(denial ? EventKind::admin_denied : EventKind::admin_change, data);
}

bool Audit::may_tell_denial(std::string_view peer) {
  settle();
  const auto of = [this](std::string_view wanted) {
    return std::find_if(denied_.begin(), denied_.end(), [&](const Peer& one) { return one.name == wanted; });
  };
  auto found = of(peer);
  if (found == denied_.end() && denied_.size() >= kMostPeers) found = of(peer = kOthers);
  if (found == denied_.end()) found = denied_.insert(denied_.end(), {std::string(peer), events_.clock().now(), 0});
  return ++found->denials <= kDenials;
}

void Audit::settle() {
  const base::Instant now = events_.clock().now();
  std::vector<Peer> over;
  std::erase_if(denied_, [&](const Peer& one) {
    if (now - one.since < kWindow) return false;
    if (one.denials > kDenials) over.push_back(one);
    return true;
  });
  for (const Peer& one : over)
    write(EventKind::admin_denied,
          {{"who", one.name}, {"outcome", name(AuditOutcome::denied)}, {"leftOut", one.denials - kDenials}});
}

void Audit::write(EventKind kind, const json& data) {
  base::log_always(base::LogLevel::info, "audit: " + data.dump(-1, ' ', false, json::error_handler_t::replace));
  events_.add(kind, {}, {}, data);
}

}  // namespace rhumb::admin
