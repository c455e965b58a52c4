// SPDX-License-Identifier: Apache-2.0
// Who changed what through the admin API: one line of the error log each, whatever its level and however many there
// are, an event and a counter. The sessions call this with every answer to a request that may change something, and
// with every one that was denied, so that no endpoint can forget it. Of one peer ten denials a minute are told, the
// others are counted and told as a number. Control thread.
#pragma once
#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

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
  std::string_view peer{};  // for whom denials are limited: "uid 1000", "address 192.0.2.1"
  bool may_change = true;   // whether who asked could have changed anything; else a refusal counts as a denial
};

class Audit {
 public:
  static constexpr uint32_t kDenials = 10;  // of a peer in kWindow
  static constexpr base::Micros kWindow = base::Seconds(60);
  static constexpr size_t kMostPeers = 64;  // known at a time; those beyond count as one
  static constexpr std::string_view kOthers = "others";

  explicit Audit(Events& events) : events_(events) {}
  void tell(const AuditEntry& entry);
  /// Sums up the denials that were left out in windows that are over. Call it now and then.
  void settle();
  /// By outcome, those left out included.
  uint64_t count(AuditOutcome outcome) const noexcept { return counts_[static_cast<size_t>(outcome)]; }

 private:
  struct Peer {
    std::string name;
    base::Instant since;
    uint64_t denials = 0;
  };
  bool may_tell_denial(std::string_view peer);
  void write(EventKind kind, const nlohmann::json& data);

  Events& events_;
  std::array<uint64_t, static_cast<size_t>(AuditOutcome::kCount)> counts_{};
  std::vector<Peer> denied_;  // lately
};

}  // namespace rhumb::admin
