// SPDX-License-Identifier: Apache-2.0
#include "sessions/seal_count.h"

#include <fmt/format.h>

#include <cstring>

#include "base/crypto.h"

namespace rhumb::sessions {

std::string seal_warning(uint8_t key_id, const SealCount& count) {
  if (count.used_up())
    return fmt::format(
        "sessions: key {} is used up: it has sealed 2^32 tokens and seals no more, so nobody is bound; "
        "put a new key first in sessions.keys",
        key_id);
  if (count.sealed() >= SealCount::kWorn)
    return fmt::format(
        "sessions: key {} has sealed more than 2^30 tokens, and seals none past 2^32; put a new key "
        "first in sessions.keys",
        key_id);
  return {};
}

uint64_t key_name(const base::Secret& secret) noexcept {
  base::Aead::Key key = base::Aead::derive(secret.view());
  const auto digest = base::sha256({reinterpret_cast<const char*>(key.data()), key.size()});
  base::wipe(key);
  uint64_t name;
  std::memcpy(&name, digest.data(), sizeof name);
  return name;
}

}  // namespace rhumb::sessions
