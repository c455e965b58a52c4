// SPDX-License-Identifier: Apache-2.0
#include "sessions/affinity.h"

#include <algorithm>

#include "base/crypto.h"
#include "http/cookie.h"

namespace rhumb::sessions {
namespace {

using decision::Affinity;

Affinity verdict_of(TokenError error) noexcept {
  switch (error) {
    case TokenError::expired:
      return Affinity::expired;
    case TokenError::key_unknown:
      return Affinity::key_unknown;
    case TokenError::malformed:
    case TokenError::forged:
      break;
  }
  return Affinity::forged;
}

http::SameSite same_site(std::string_view spec) noexcept {
  if (spec == "strict") return http::SameSite::strict;
  return spec == "none" ? http::SameSite::none : http::SameSite::lax;
}

}  // namespace

void RegionLookup::add(uint64_t region_key, decision::RegionIndex index, std::span<const uint64_t> endpoint_keys) {
  entries_.push_back({region_key, index, {endpoint_keys.begin(), endpoint_keys.end()}});
}

RegionLookup::Found RegionLookup::find(uint64_t region_key, uint64_t endpoint_key) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.key != region_key) continue;
    Found found{entry.index};
    const auto at = std::find(entry.endpoints.begin(), entry.endpoints.end(), endpoint_key);
    if (at != entry.endpoints.end()) found.endpoint = static_cast<uint16_t>(at - entry.endpoints.begin());
    return found;
  }
  return {};
}

ReadToken read_preference(const http::Headers& fields, std::string_view cookie, std::string_view tenant,
                          const TokenCodec& codec, const RegionLookup& regions, base::WallTime now) noexcept {
  ReadToken read;
  const std::string_view text = http::find_cookie(fields, cookie);
  if (text.data() == nullptr) return read;
  const auto opened = codec.open(text, tenant, now);
  if (!opened) {
    read.preference.verdict = verdict_of(opened.error());
    return read;
  }
  const RegionLookup::Found found = regions.find(opened->region, opened->endpoint);
  read.token = *opened;
  read.preference = {found.region, found.endpoint, opened->epoch,
                     found.region == decision::kNoRegion ? Affinity::region_gone : Affinity::kept};
  return read;
}

std::optional<Token> renew(const Token* held, uint64_t region_key, uint64_t endpoint_key,
                           const config::SessionsSpec& spec, base::WallTime now) noexcept {
  Token token;
  if (held != nullptr) {
    const bool same = held->region == region_key && held->endpoint == endpoint_key;
    if (same && held->current && now - held->issued <= spec.idle / 2) return std::nullopt;
    token = *held;
    if (held->region != region_key) ++token.epoch;
  } else {
    base::random_bytes(token.session);
    token.epoch = 1;
    token.absolute_expiry = now + spec.absolute;
  }
  token.region = region_key;
  token.endpoint = endpoint_key;
  token.issued = now;
  token.idle_expiry = std::min(now + spec.idle, token.absolute_expiry);
  token.current = true;
  return token;
}

void write_cookie(http::Writer& to, const config::SessionsSpec& spec, const TokenCodec& codec, std::string_view tenant,
                  const Token& token) noexcept {
  char text[TokenCodec::kMaxText];
  const size_t size = codec.seal(token, tenant, text);
  if (size == 0) return;
  http::CookieAttributes attributes;
  attributes.path = spec.path;
  attributes.same_site = same_site(spec.same_site);
  attributes.secure = spec.secure;
  http::write_set_cookie(to, spec.cookie, {text, size}, attributes);
}

}  // namespace rhumb::sessions
