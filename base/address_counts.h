// SPDX-License-Identifier: Apache-2.0
// How many of something (connections) each client address has now. IPv6 clients count by /64, which is what one of them
// has at least. Holds an entry only for addresses that have any, so it is never larger than what it counts. Any thread;
// a lock of one of 16 parts is held for a look-up.
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ip.h"

namespace rhumb::base {

class AddressCounts {
 public:
  AddressCounts();

  /// One of them, until it is destroyed; a default one counts nowhere. Must not outlive the counts.
  class Place {
   public:
    Place() = default;
    ~Place() {
      if (of_ != nullptr) of_->leave(key_);
    }
    Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)), key_(other.key_) {}
    Place& operator=(Place&&) = delete;

   private:
    friend class AddressCounts;
    Place(AddressCounts& of, uint64_t key) noexcept : of_(&of), key_(key) {}
    AddressCounts* of_ = nullptr;
    uint64_t key_ = 0;
  };

  /// Nothing when the address has `limit` already.
  std::optional<Place> enter(const IpAddress& address, uint32_t limit);
  size_t addresses() const;

  /// What an address counts as: equal for one IPv4 address, and for one /64 of IPv6.
  static uint64_t key_of(const IpAddress& address) noexcept;
  /// Of such keys; seeded, so that nobody outside can aim at one bucket.
  struct Hash {
    uint64_t seed;
    size_t operator()(uint64_t key) const noexcept;
  };

 private:
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<uint64_t, uint32_t, Hash> counts;
  };
  Part& part_of(uint64_t key) noexcept;
  void leave(uint64_t key) noexcept;

  Hash hash_;
  std::array<Part, 16> parts_;
};

}  // namespace rhumb::base
