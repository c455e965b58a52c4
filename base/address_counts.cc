// SPDX-License-Identifier: Apache-2.0
#include "base/address_counts.h"

#include "base/crypto.h"
#include "base/hash.h"

namespace rhumb::base {

AddressCounts::AddressCounts() : hash_{random_u64()} {
  for (Part& part : parts_) part.counts = std::unordered_map<uint64_t, uint32_t, Hash>(0, hash_);
}

size_t AddressCounts::Hash::operator()(uint64_t key) const noexcept {
  return hash64({reinterpret_cast<const char*>(&key), sizeof key}, seed);
}

/// IPv4 addresses stand in ffff:ffff::/64, where no client can be.
uint64_t AddressCounts::key_of(const IpAddress& address) noexcept {
  if (address.is_v4()) return 0xffff'ffff'0000'0000u | address.v4_value();
  uint64_t key = 0;
  for (size_t i = 0; i < 8; ++i) key = key << 8 | address.bytes()[i];
  return key;
}

// The lowest bits choose the bucket inside.
AddressCounts::Part& AddressCounts::part_of(uint64_t key) noexcept { return parts_[hash_(key) >> 60]; }

std::optional<AddressCounts::Place> AddressCounts::enter(const IpAddress& address, uint32_t limit) {
  const uint64_t key = key_of(address);
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  const auto at = part.counts.try_emplace(key, 0).first;
  if (at->second >= limit) {
    if (at->second == 0) part.counts.erase(at);
    return std::nullopt;
  }
  ++at->second;
  return Place(*this, key);
}

void AddressCounts::leave(uint64_t key) noexcept {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  const auto at = part.counts.find(key);
  if (--at->second == 0) part.counts.erase(at);
}

size_t AddressCounts::addresses() const {
  size_t all = 0;
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    all += part.counts.size();
  }
  return all;
}

}  // namespace rhumb::base
