// SPDX-License-Identifier: Apache-2.0
// Answers of a Locator that were asked for lately: a client comes back with every request of its page. A table of fixed
// size in which a newer address takes the place of an older one. One thread; lives no longer than its Locator.
#pragma once
#include <array>

#include "base/ip.h"
#include "geo/locator.h"

namespace rhumb::geo {

class Cache {
 public:
  explicit Cache(const Locator& locator) noexcept : locator_(locator) {}
  const Locator& locator() const noexcept { return locator_; }

  /// As Locator::locate(). The answer stays until the next call. No allocation, no system call.
  const Facts& locate(const base::IpAddress& address) noexcept;

 private:
  static constexpr size_t kSize = 1024;
  struct Entry {
    base::IpAddress address;
    bool used = false;
    Facts facts;
  };
  const Locator& locator_;
  std::array<Entry, kSize> entries_;
};

}  // namespace rhumb::geo
