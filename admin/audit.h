// SPDX-License-Identifier: Apache-2.0
// Who changed what through the admin API: one line of the error log each, whatever its level, an event and a counter.
// The sessions call this with every answer to a request that may change something, and with every one that was denied,
// so that no endpoint can forget it. Control thread.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "admin/events.h"

namespace rhumb::admin {

enum class AuditOutcome : uint8_t {
  applied,     // answered 1xx to 3xx
  denied,      // 401, 403: by origin, host, token or role
  refused,     // another 4xx
  failed,      // 5xx
  unanswered,  // the client had gone before the answer
  kCount
};
std::string_view name(AuditOutcome outcome) noexcept;

struct AuditEntry {
  std::string_view who, method, path;
  int status = 0;           // 0: unanswered
  std::string_view change;  // Response::change
};

class Audit {
 public:
  explicit Audit(Events& events) : events_(events) {}
  void tell(const AuditEntry& entry);
  /// By outcome.
  uint64_t count(AuditOutcome outcome) const noexcept { return counts_[static_cast<size_t>(outcome)]; }

 private:
  Events& events_;
  std::array<uint64_t, static_cast<size_t>(AuditOutcome::kCount)> counts_{};
};

}  // namespace rhumb::admin
