// SPDX-License-Identifier: Apache-2.0
#include "config/secret.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "config/codes.h"
#include "config/source.h"

namespace rhumb::config {
namespace {

constexpr mode_t kOthers = 0007, kGroupWrites = 0020;

/// "'/run/rhumb/session.key'"; else "the file". A secret is longer, as everything a key or a token is made of.
std::string said(const SecretName& name) {
  constexpr size_t kShortestSecret = 32;
  const bool surely = name.text.starts_with('/') || name.text.size() < kShortestSecret;
  return name.written && surely ? fmt::format("'{}'", shown(name.text)) : "the file";
}

/// Empty, and reported, when there is nowhere to look.
std::string path_of(const SecretName& name, Place place, Diagnostics& diagnostics) {
  if (name.text.find('/') != std::string::npos) return name.text;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (name.text.empty()) {
    diagnostics.error(code::kSecretFile, place, "'!file' needs a path", "write \"!file /path\"");
  } else if (folder == nullptr || *folder == '\0') {
    diagnostics.error(code::kSecretFile, place,
                      fmt::format("{} is named without '/', and CREDENTIALS_DIRECTORY is not set", said(name)),
                      "give a whole path, or pass it with systemd's LoadCredential=");
  } else {
    return fmt::format("{}/{}", folder, name.text);
  }
  return {};
}

bool is_private(const SecretName& name, unsigned mode, Place place, Diagnostics& diagnostics) {
  if ((mode & (kOthers | kGroupWrites)) == 0) return true;
  const char* who = (mode & 0002) != 0      ? "everybody can write it"
                    : (mode & 0004) != 0    ? "everybody can read it"
                    : (mode & kOthers) != 0 ? "others have a permission for it"
                                            : "its group can write it";
  diagnostics.error(code::kSecretOpen, place, fmt::format("{} is no secret: {} (mode {:04o})", said(name), who, mode),
                    fmt::format("chmod 600 {}", said(name)));
  return false;
}

}  // namespace

bool is_secret_key(std::string_view key) noexcept { return key == "secret"; }

std::optional<std::string> read_secret(const SecretName& name, Place place, Diagnostics& diagnostics) {
  const std::string path = path_of(name, place, diagnostics);
  if (path.empty()) return std::nullopt;
  Diagnostics found;
  unsigned mode = 0;
  std::optional<std::string> bytes = read_regular(path, kMaxSecret, place, found, &mode);
  const std::string quoted = fmt::format("'{}'", path);
  for (Diagnostic& d : found.sorted()) {
    d.code = code::kSecretFile;
    if (const size_t at = d.message.find(quoted); at != std::string::npos)
      d.message.replace(at, quoted.size(), said(name));
    diagnostics.add(std::move(d));
  }
  if (!bytes || !is_private(name, mode, place, diagnostics)) return std::nullopt;
  if (bytes->ends_with('\n')) bytes->pop_back();
  if (bytes->ends_with('\r')) bytes->pop_back();
  if (!bytes->empty()) return bytes;
  diagnostics.error(code::kSecretFile, place, fmt::format("{} is empty", said(name)),
                    "an empty secret protects nothing");
  return std::nullopt;
}

}  // namespace rhumb::config
