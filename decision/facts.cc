// SPDX-License-Identifier: Apache-2.0
#include "decision/facts.h"

#include "base/hash.h"

namespace rhumb::decision {

TenantKey tenant_key(std::string_view name) noexcept {
  constexpr uint64_t kSeed = 0x74656e616e74;  // recordings hold keys: never change it
  if (name.empty()) return 0;
  const uint64_t key = base::hash64(name, kSeed);
  return key != 0 ? key : 1;
}

}  // namespace rhumb::decision
