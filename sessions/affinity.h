// SPDX-License-Identifier: Apache-2.0
// From a client's cookie to a preference for a region, and back: what decide() is told, and when the client gets a new
// token. The token is all there is so far: a session's identity and epoch already travel in it, so that a table of
// sessions can later be asked between reading and deciding. Pure but for the random id of a new session; the lookup is
// immutable once filled.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/spec.h"
#include "decision/facts.h"
#include "http/h1_writer.h"
#include "http/headers.h"
#include "sessions/token.h"

namespace rhumb::sessions {

/// Keys of tokens to indices of this configuration. One per snapshot.
class RegionLookup {
 public:
  void add(uint64_t region_key, decision::RegionIndex index, std::span<const uint64_t> endpoint_keys);

  struct Found {
    decision::RegionIndex region = decision::kNoRegion;
    uint16_t endpoint = 0xffff;  // any, also when the token's is gone
  };
  Found find(uint64_t region_key, uint64_t endpoint_key) const noexcept;

 private:
  struct Entry {
    uint64_t key;
    decision::RegionIndex index;
    std::vector<uint64_t> endpoints;
  };
  std::vector<Entry> entries_;
};

struct ReadToken {
  decision::Preference preference;  // verdict kept: honour it if it can be
  std::optional<Token> token;       // only one that is genuine and not expired; its region may be gone
};

/// The first cookie of the name counts; it is good for this tenant alone. No allocation.
ReadToken read_preference(const http::Headers& fields, std::string_view cookie, std::string_view tenant,
                          const TokenCodec& codec, const RegionLookup& regions, base::WallTime now) noexcept;

/// The token the client must get after a request served by this region and endpoint; nothing when the one it has is
/// good. A new one: there was none (pass nullptr); region or endpoint changed (another region: epoch + 1); an old key
/// or version sealed it; or more than half of the idle time has passed since it was issued.
std::optional<Token> renew(const Token* held, uint64_t region_key, uint64_t endpoint_key,
                           const config::SessionsSpec& spec, base::WallTime now) noexcept;

/// What the cookie of a configuration is bound to.
inline Scope scope_of(const config::SessionsSpec& spec) noexcept { return {spec.cookie, spec.path}; }

/// The Set-Cookie line, for a client of this tenant. Nothing when the codec cannot seal.
void write_cookie(http::Writer& to, const config::SessionsSpec& spec, const TokenCodec& codec, std::string_view tenant,
                  const Token& token) noexcept;

}  // namespace rhumb::sessions
