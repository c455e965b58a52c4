// SPDX-License-Identifier: Apache-2.0
// How often a key of sessions has sealed, over all workers. AES-GCM with random 96-bit nonces is good for 2^32 messages
// of a key (NIST SP 800-38D 8.3); past that two nonces may well be the same, which gives the key's authentication away.
// So a key is told of in good time, and seals no more at the end. Counted from the start of the process. Any thread.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/secret_memory.h"

namespace rhumb::sessions {

class SealCount {
 public:
  static constexpr uint64_t kWorn = uint64_t{1} << 30, kMost = uint64_t{1} << 32;

  SealCount() = default;
  explicit SealCount(uint64_t sealed) noexcept : sealed_(sealed) {}

  /// Whether one more may be made. If not, that is counted.
  bool ask() noexcept {
    if (!used_up()) return true;
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  /// Counts one that is about to be made. False: it must not be.
  bool take() noexcept { return ask() && sealed_.fetch_add(1, std::memory_order_relaxed) < kMost; }
  bool used_up() const noexcept { return sealed_.load(std::memory_order_relaxed) >= kMost; }
  uint64_t sealed() const noexcept { return std::min(kMost, sealed_.load(std::memory_order_relaxed)); }
  uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> sealed_{0}, refused_{0};
};

/// What an operator has to hear of it; empty while all is well. The same text until it gets worse.
std::string seal_warning(uint8_t key_id, const SealCount& count);

/// 64 bits that stand for a key, whatever its id, and do not tell it.
uint64_t key_name(const base::Secret& secret) noexcept;

}  // namespace rhumb::sessions
