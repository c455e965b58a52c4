// SPDX-License-Identifier: Apache-2.0
#include "proxy/address_shares.h"

#include <memory>

#include "base/crypto.h"

namespace rhumb::proxy {

AddressShares::AddressShares(net::Loop& loop)
    : loop_(loop), entries_(0, base::AddressCounts::Hash{base::random_u64()}) {}

AddressShares::Ref AddressShares::of(const base::IpAddress& client) {
  const uint64_t key = base::AddressCounts::key_of(client);
  const auto [at, fresh] = entries_.try_emplace(key, nullptr);
  fresh ? void(at->second = new Entry(key)) : void(++at->second->users);
  return Ref(*this, *at->second);
}

AddressShares::Ref AddressShares::apart() {
  auto* entry = new Entry(0);
  entry->listed = false;
  return Ref(*this, *entry);
}

void AddressShares::leave(Entry& entry) noexcept {
  if (--entry.users != 0) return;
  if (entry.listed) entries_.erase(entry.key);
  loop_.bury(std::unique_ptr<net::Buried>(&entry));
}

}  // namespace rhumb::proxy
