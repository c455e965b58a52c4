// SPDX-License-Identifier: Apache-2.0
// Text: base64url of version (1 byte), key id (1), and the sealed fields in network order:
// session 16, region 8, endpoint 8, epoch 4, issued 8, idle expiry 8, absolute expiry 8 (microseconds since 1970, UTC).
#include "sessions/token.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/secret_memory.h"

namespace rhumb::sessions {
namespace {

constexpr uint8_t kVersion = 2, kVersionBefore = 1;
constexpr size_t kSealText = 21;  // digits of nothing but the seal, which is the last 16 bytes
constexpr size_t kPlain = 16 + 8 + 8 + 4 + 8 + 8 + 8;

template <class T>
void put(uint8_t*& at, T value) noexcept {
  for (size_t i = sizeof(T); i-- > 0;) *at++ = static_cast<uint8_t>(value >> (8 * i));
}

template <class T>
T take(const uint8_t*& at) noexcept {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value << 8 | *at++);
  return value;
}

uint64_t micros(base::WallTime time) noexcept { return static_cast<uint64_t>(time.time_since_epoch().count()); }
base::WallTime wall(uint64_t micros) noexcept { return base::WallTime(base::Micros(static_cast<int64_t>(micros))); }

void write_plain(const Token& token, uint8_t* at) noexcept {
  std::memcpy(at, token.session.data(), token.session.size());
  at += token.session.size();
  put(at, token.region), put(at, token.endpoint), put(at, token.epoch);
  put(at, micros(token.issued)), put(at, micros(token.idle_expiry)), put(at, micros(token.absolute_expiry));
}

Token read_plain(const uint8_t* at) noexcept {
  Token token;
  std::memcpy(token.session.data(), at, token.session.size());
  at += token.session.size();
  token.region = take<uint64_t>(at);
  token.endpoint = take<uint64_t>(at);
  token.epoch = take<uint32_t>(at);
  token.issued = wall(take<uint64_t>(at));
  token.idle_expiry = wall(take<uint64_t>(at));
  token.absolute_expiry = wall(take<uint64_t>(at));
  return token;
}

uint64_t key_of(std::string_view name) noexcept {
  const auto digest = base::sha256(name);
  const uint8_t* at = digest.data();
  return take<uint64_t>(at);
}

std::string_view view(const uint8_t* bytes, size_t size) noexcept {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// What the tenant's name follows. With lengths, so that no two scopes and tenants read the same.
std::string associated(const Scope& scope) {
  std::string out(1, static_cast<char>(kVersion));
  for (const std::string_view part : {scope.cookie, scope.path}) {
    uint8_t size[4];
    uint8_t* at = size;
    put(at, static_cast<uint32_t>(part.size()));
    out.append(view(size, sizeof size)).append(part);
  }
  return out;
}

}  // namespace

uint64_t region_key(std::string_view name) noexcept { return key_of(name); }
uint64_t endpoint_key(std::string_view address) noexcept { return key_of(address); }

TokenCodec::TokenCodec(const std::vector<config::SessionsSpec::Key>& keys, const Scope& scope, SealCount* seals)
    : associated_(associated(scope)),
      associated_before_(std::string(1, static_cast<char>(kVersionBefore)) + std::string(scope.cookie)),
      seals_(seals),
      known_(std::make_unique<std::array<Known, kKnown>>()) {
  keys_.reserve(keys.size());
  for (const auto& key : keys) {
    base::Aead::Key derived = base::Aead::derive(key.secret.view());
    keys_.push_back({key.id, base::Aead(derived)});
    base::wipe(derived);
  }
}

size_t TokenCodec::seal(const Token& token, std::string_view tenant, char* to) const noexcept {
  static_assert(kBinary == 2 + kPlain + base::Aead::kOverhead);
  if (keys_.empty() || seals_ == nullptr || !seals_->take()) return 0;
  uint8_t plain[kPlain], binary[kBinary];
  write_plain(token, plain);
  binary[0] = kVersion;
  binary[1] = keys_.front().id;
  if (!keys_.front().aead.seal(view(plain, kPlain), {associated_, tenant}, binary + 2)) return 0;
  return base::base64url_encode(binary, to);
}

base::Result<Token, TokenError> TokenCodec::unseal(std::string_view text, std::string_view tenant) const noexcept {
  using base::Unexpected;
  uint8_t binary[kBinary + 3], plain[kPlain];
  const auto size = base::base64url_decode(text, binary);
  if (!size || *size != kBinary) return Unexpected(TokenError::malformed);
  const bool before = binary[0] == kVersionBefore;
  if (!before && binary[0] != kVersion) return Unexpected(TokenError::malformed);
  const Entry* key = nullptr;
  for (const Entry& entry : keys_)
    if (entry.id == binary[1]) key = &entry;
  if (key == nullptr) return Unexpected(TokenError::key_unknown);
  const std::span<const uint8_t> sealed(binary + 2, kBinary - 2);
  const bool genuine = before ? key->aead.open(sealed, {associated_before_}, plain)
                              : key->aead.open(sealed, {associated_, tenant}, plain);
  if (!genuine) return Unexpected(TokenError::forged);
  Token token = read_plain(plain);
  token.current = key == &keys_.front() && !before;
  return token;
}

void TokenCodec::remember(Known& to, std::string_view text, std::string_view tenant, const Token& token) noexcept {
  if (tenant.size() > Known::kMaxTenant) return;
  std::copy(text.begin(), text.end(), to.text.begin());
  std::copy(tenant.begin(), tenant.end(), to.tenant.begin());
  to.tenant_size = static_cast<uint8_t>(tenant.size());
  to.used = true;
  to.token = token;
}

base::Result<Token, TokenError> TokenCodec::open(std::string_view text, std::string_view tenant,
                                                 base::WallTime now) const noexcept {
  using base::Unexpected;
  if (text.size() != kText) return Unexpected(TokenError::malformed);
  // The end is the seal's: who has not got that whole learns nothing from the time a comparison took, and who has it
  // knows the rest.
  const std::string_view seal = text.substr(kText - kSealText);
  Known& known = (*known_)[base::hash64(seal, 0) % kKnown];
  const std::string_view same(known.text.data(), kText);
  const bool is_known = known.used && base::equal_constant_time(same.substr(kText - kSealText), seal) && same == text &&
                        known.of_tenant() == tenant;
  Token token = known.token;
  if (!is_known) {
    const auto unsealed = unseal(text, tenant);
    if (!unsealed) return unsealed;
    token = *unsealed;
    remember(known, text, tenant, token);
  }
  const bool over = token.idle_expiry <= now || token.absolute_expiry <= now;
  if (over || token.issued > now + kSkew) return Unexpected(TokenError::expired);
  return token;
}

}  // namespace rhumb::sessions
