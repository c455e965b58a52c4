// SPDX-License-Identifier: Apache-2.0
#include "geo/cache.h"

#include "base/hash.h"

namespace rhumb::geo {

const Facts& Cache::locate(const base::IpAddress& address) noexcept {
  const std::string_view bytes(reinterpret_cast<const char*>(address.bytes().data()), address.bytes().size());
  Entry& entry = entries_[base::hash64(bytes, 0) % kSize];
  if (!entry.used || entry.address != address) entry = {address, true, locator_.locate(address)};
  return entry.facts;
}

}  // namespace rhumb::geo
