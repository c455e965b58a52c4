// SPDX-License-Identifier: Apache-2.0
// The sealed affinity token: what a client carries so that any gateway sends it where its session is (HANDOFF: it is a
// lower bound, never an authority). AEAD with a key ring, associated data = version + scope + tenant, wall-clock
// expiry. No address, no process-local clock inside. A TokenCodec holds cipher contexts: one per thread, rebuilt when
// the keys change.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/result.h"
#include "config/spec.h"
#include "sessions/seal_count.h"

namespace rhumb::sessions {

struct Token {
  std::array<uint8_t, 16> session{};  // 128-bit id
  uint64_t region = 0;                // region_key() of the region's name: stable across files and gateways
  uint64_t endpoint = 0;              // endpoint_key(); 0: any
  uint32_t epoch = 0;
  base::WallTime issued{}, idle_expiry{}, absolute_expiry{};
  bool current = true;  // not sealed: set by open(), false when an older key or an older version sealed it
};

enum class TokenError : uint8_t { malformed, key_unknown, forged, expired };

uint64_t region_key(std::string_view name) noexcept;  // first 64 bits of SHA-256
uint64_t endpoint_key(std::string_view address) noexcept;

/// The routes that share a token: those whose clients show the same cookie, which a browser tells by name and path.
struct Scope {
  std::string_view cookie, path;
};

class TokenCodec {
 public:
  static constexpr size_t kMaxText = 160;
  /// How far in the future a token may have been issued: clocks of gateways differ.
  static constexpr base::Seconds kSkew{300};
  /// `keys` newest first: the first seals, and `seals` counts that; all open. Without keys nothing is sealed and
  /// nothing opens; without `seals`, which outlive this, it only opens.
  TokenCodec(const std::vector<config::SessionsSpec::Key>& keys, const Scope& scope, SealCount* seals);
  /// If not because its key is used up, that is counted.
  bool may_seal() const noexcept { return !keys_.empty() && seals_ != nullptr && seals_->ask(); }
  /// For a client of this tenant (empty: none): it opens for no other. Writes at most kMaxText characters, returns how
  /// many; 0 when it cannot seal. No allocation.
  size_t seal(const Token& token, std::string_view tenant, char* to) const noexcept;
  /// No allocation. Nothing of a token is believed before its seal is; one that was opened lately is known by its text.
  /// A token of the version before, which was bound to its cookie's name alone, is read until it expires: nobody seals
  /// such a one any more.
  base::Result<Token, TokenError> open(std::string_view text, std::string_view tenant,
                                       base::WallTime now) const noexcept;

 private:
  static constexpr size_t kBinary = 2 + 60 + base::Aead::kOverhead;
  static constexpr size_t kText = base::base64url_size(kBinary);
  static_assert(kText <= kMaxText);
  /// Texts whose seal was found good for a tenant, and what they say. A client sends the same one with every request.
  struct Known {
    static constexpr size_t kMaxTenant = 64;  // a longer name is opened each time
    std::array<char, kText> text;
    std::array<char, kMaxTenant> tenant;
    uint8_t tenant_size = 0;
    bool used = false;
    Token token;
    std::string_view of_tenant() const noexcept { return {tenant.data(), tenant_size}; }
  };
  static constexpr size_t kKnown = 256;  // by the tail of the text, which is part of the seal
  base::Result<Token, TokenError> unseal(std::string_view text, std::string_view tenant) const noexcept;
  static void remember(Known& to, std::string_view text, std::string_view tenant, const Token& token) noexcept;

  struct Entry {
    uint8_t id;
    base::Aead aead;
  };
  std::vector<Entry> keys_;
  std::string associated_, associated_before_;  // of this version, but for the tenant; of the one before
  SealCount* seals_;
  std::unique_ptr<std::array<Known, kKnown>> known_;
};

}  // namespace rhumb::sessions
