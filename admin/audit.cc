// SPDX-License-Identifier: Apache-2.0
#include "admin/audit.h"

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
  json data = {{"who", entry.who},
               {"method", entry.method},
               {"path", entry.path.substr(0, kMostPath)},
               {"outcome", name(outcome)}};
  if (entry.status != 0) data["status"] = entry.status;
  if (const json change = json::parse(entry.change, nullptr, false); change.is_object()) data.update(change);
  base::log_line(base::LogLevel::info, "audit: " + data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  events_.add(outcome == AuditOutcome::denied ? EventKind::admin_denied : EventKind::admin_change, {}, {}, data);
}

}  // namespace rhumb::admin
