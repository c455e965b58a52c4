// SPDX-License-Identifier: Apache-2.0
// What stands in a file named by "!file PATH". Only the gateway's user, and perhaps its group, may read such a file:
// what others can read is no secret any more, and what others can write is not ours. Reads files and the environment;
// control thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/diagnostic.h"

namespace rhumb::config {

inline constexpr size_t kMaxSecret = 64 << 10;

/// Whether the values of keys with this name are secrets: never printed, and set in the file alone.
bool is_secret_key(std::string_view key) noexcept;

/// What stands behind "!file".
struct SecretName {
  std::string text;
  bool written = true;  // in the file itself; else made of variables of the environment
};

/// The bytes without one line end at their end. A name without '/' is looked for in $CREDENTIALS_DIRECTORY, where
/// systemd puts what LoadCredential= names. Nothing on failure: the reason is in `diagnostics`, at `place`.
/// It names the file if that is surely a name and no secret behind a needless "!file".
std::optional<std::string> read_secret(const SecretName& name, Place place, Diagnostics& diagnostics);

}  // namespace rhumb::config
